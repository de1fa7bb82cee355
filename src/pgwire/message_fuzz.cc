// A whole open session over arbitrary bytes, in pieces, with executions that end at once, late, in
// another order, on "another thread", or never hear a client again. Whatever comes, each execution
// is given back, and what is said stays a sequence of whole messages.
#include "pgwire/session_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  if (size < 4) return 0;
  std::size_t outstanding = 0;
  {
    TestSession test({.message_bytes_max = 4'096});
    test.open();
    test.database.big_row_bytes = 1'000;  // many small runs find more than a few large ones
    test.database.deferred = (data[0] & 1) != 0;
    test.transport.foreign = (data[0] & 2) != 0;
    const std::size_t piece = 1 + data[1];
    std::string_view rest(reinterpret_cast<const char*>(data + 4), size - 4);
    for (std::size_t turn = 0; !rest.empty(); ++turn) {
      test.say(rest.substr(0, piece));
      rest.remove_prefix(std::min(piece, rest.size()));
      const unsigned choice = data[2 + turn % 2] + static_cast<unsigned>(turn);
      auto& waiting = test.database.waiting;
      if (choice % 3 == 0 && !waiting.empty()) test.database.finish(choice % waiting.size());
      if (choice % 7 == 0) test.go_home();
      if (choice % 31 == 0) test.session.cancel();
      if (choice % 61 == 0) test.session.drain();
      test.settle();
      const std::string said = test.hear_raw();
      for (std::size_t at = 0; at < said.size();) {
        const auto header = peek_frame(as_bytes(std::string_view(said).substr(at)));
        CHECK(header && header->is_valid);
        at += frame_header_bytes + header->payload_bytes;
        CHECK(at <= said.size());
      }
    }
    if ((data[0] & 4) == 0) test.database.finish_all();
    test.session.connection_lost();
    test.database.finish_all();
    test.go_home();
    outstanding = test.database.outstanding;
  }
  CHECK(outstanding == 0);
  return 0;
}
