// Arbitrary bytes as the beginning of a connection, with and without passwords, in two pieces.
#include "pgwire/session_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  if (size < 2) return 0;
  static const std::string passwords =
      "holdfast:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
      "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
      ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  TestSession test(
      {.passwords = (data[0] & 1) != 0 ? passwords : "", .from_loopback = (data[0] & 2) != 0});
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t cut = bytes.size() * data[1] / 256;
  // Half the time the start-up packet is a good one, so that what follows it is reached.
  if ((data[0] & 4) != 0) test.say(TestSession::greeting());
  test.say(bytes.substr(0, cut));
  test.say(bytes.substr(cut));
  CHECK(test.transport.is_opened || test.database.ran.empty());
  return 0;
}
