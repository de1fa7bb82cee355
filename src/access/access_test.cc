// access: SCRAM against the RFC's own example and against hostile messages, the password file, the
// policy.
#include "access/access.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <fstream>

#include "access/base64.h"

namespace holdfast {
namespace {

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(++count_);
  }

 private:
  unsigned count_ = 0;
};

// RFC 7677 §3: user "user", password "pencil".
constexpr std::string_view rfc_server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view rfc_client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view rfc_server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view rfc_client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view rfc_server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramVerifier rfc_verifier() {
  return *ScramVerifier::make("pencil", *parse_base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
}
ScramExchange rfc_exchange(bool known = true) {
  return {rfc_verifier(), known, std::string(rfc_server_nonce)};
}

TEST(Scram, MatchesTheExampleOfRfc7677) {
  ScramExchange exchange = rfc_exchange();
  EXPECT_EQ(exchange.client_first(rfc_client_first).value(), rfc_server_first);
  EXPECT_EQ(exchange.client_final(rfc_client_final).value(), rfc_server_final);
}

TEST(Scram, AWrongPasswordAndAnUnknownUserFailAlike) {
  ScramExchange wrong{*ScramVerifier::make("pencil2", rfc_verifier().salt), true,
                      std::string(rfc_server_nonce)};
  EXPECT_EQ(wrong.client_first(rfc_client_first).value(), rfc_server_first);
  EXPECT_EQ(wrong.client_final(rfc_client_final).error().code, ErrorCode::authentication_failed);

  ScramExchange unknown = rfc_exchange(false);
  EXPECT_EQ(unknown.client_first(rfc_client_first).value(), rfc_server_first);
  EXPECT_EQ(unknown.client_final(rfc_client_final).error().code, ErrorCode::authentication_failed);
}

TEST(Scram, RefusesMalformedFirstMessages) {
  const std::pair<std::string_view, ErrorCode> table[] = {
      {"", ErrorCode::protocol_violation},
      {"n", ErrorCode::protocol_violation},
      {"n,", ErrorCode::not_supported},
      {"n,,", ErrorCode::protocol_violation},
      {"x,,n=,r=abc", ErrorCode::protocol_violation},
      {"p=tls-unique,,n=,r=abc", ErrorCode::protocol_violation},
      {"n,a=other,n=,r=abc", ErrorCode::not_supported},
      {"n,,m=must,n=,r=abc", ErrorCode::not_supported},
      {"n,,r=abc", ErrorCode::protocol_violation},
      {"n,,n=,r=", ErrorCode::protocol_violation},
      {"n,,n=,r=a b", ErrorCode::protocol_violation},
      {"n,,n=,r=a\x01", ErrorCode::protocol_violation},
  };
  for (const auto& [message, code] : table) {
    const auto result = rfc_exchange().client_first(message);
    ASSERT_FALSE(result.has_value()) << message;
    EXPECT_EQ(result.error().code, code) << message;
  }
}

TEST(Scram, ServesAClientThatCouldBindButIgnoresWhatIsNotOffered) {
  ScramExchange exchange = rfc_exchange();
  EXPECT_TRUE(exchange.client_first("y,,n=,r=abc").has_value());
  // Then the binding must repeat `y,,`, not `n,,`.
  EXPECT_EQ(exchange.client_final("c=biws,r=abc" + std::string(rfc_server_nonce) + ",p=AAAA")
                .error()
                .detail,
            "the channel-binding attribute does not repeat the gs2 header");
}

TEST(Scram, RefusesMalformedFinalMessages) {
  const std::string_view good = rfc_client_final;
  std::string other_nonce(good);
  other_nonce.replace(other_nonce.find("rOpr"), 4, "rOpR");
  std::string loose_base64(good);
  loose_base64.replace(loose_base64.find("dVQ="), 4, "dVR=");  // the same bytes, not canonical
  const std::string table[] = {"",
                               "c=biws",
                               "c=eSws" + std::string(good.substr(6)),
                               other_nonce,
                               loose_base64,
                               std::string(good.substr(0, good.find(",p="))),
                               std::string(good) + ",x=1",
                               std::string(good) + "\n"};
  for (const auto& message : table) {
    ScramExchange exchange = rfc_exchange();
    ASSERT_TRUE(exchange.client_first(rfc_client_first).has_value());
    const auto result = exchange.client_final(message);
    ASSERT_FALSE(result.has_value()) << message;
    EXPECT_EQ(result.error().code, ErrorCode::protocol_violation) << message;
  }
}

TEST(Scram, AnyFlippedBitOfTheProofFails) {
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto proof = *parse_base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    proof[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    ScramExchange exchange = rfc_exchange();
    ASSERT_TRUE(exchange.client_first(rfc_client_first).has_value());
    const auto result = exchange.client_final(
        std::string(rfc_client_final.substr(0, rfc_client_final.find(",p=") + 3)) + base64(proof));
    ASSERT_FALSE(result.has_value()) << bit;
    EXPECT_EQ(result.error().code, ErrorCode::authentication_failed) << bit;
  }
}

TEST(ScramVerifier, RoundTripsAsPostgresWritesIt) {
  const std::string text = rfc_verifier().text();
  EXPECT_EQ(
      text,
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
      ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  EXPECT_EQ(ScramVerifier::parse(text)->text(), text);
  std::string bad_count = text;
  bad_count.insert(bad_count.find(':'), "x");
  for (const std::string& bad :
       {std::string(), std::string("md5abc"), std::string("SCRAM-SHA-256$"),
        std::string("SCRAM-SHA-256$0:AAAA$AAAA:AAAA"), std::string("SCRAM-SHA-256$4096:$:"),
        bad_count}) {
    EXPECT_FALSE(ScramVerifier::parse(bad).has_value()) << bad;
  }
}

TEST(ScramVerifier, RefusesPasswordsWhoseNormalFormIsUncertain) {
  const auto salt = *parse_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  EXPECT_FALSE(ScramVerifier::make("", salt).has_value());
  EXPECT_FALSE(ScramVerifier::make("schl\xc3\xbcssel", salt).has_value());
  EXPECT_FALSE(ScramVerifier::make("a\tb", salt).has_value());
  EXPECT_TRUE(ScramVerifier::make("a b!", salt).has_value());
}

TEST(Base64, IsStrict) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    const auto back = parse_base64(base64(as_bytes(text)));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(as_text(*back), text);
  }
  EXPECT_EQ(base64(as_bytes("foob")), "Zm9vYg==");
  for (const auto* bad :
       {"Zg", "Zg=", "Zg==Zg==", "=g==", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n"}) {
    EXPECT_FALSE(parse_base64(bad).has_value()) << bad;
  }
}

TEST(Credentials, ReadsUsersCommentsAndBothKindsOfSecret) {
  CountingRandom random;
  const auto credentials = Credentials::parse(
      "# shop\nana:secret:with:colons\r\n\nbob:" + rfc_verifier().text() + "\n", random);
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_NE(credentials->find("ana"), nullptr);
  EXPECT_EQ(credentials->find("bob")->text(), rfc_verifier().text());
  EXPECT_EQ(credentials->find("eve"), nullptr);

  for (const auto* bad : {"ana", ":x", "ana:", "ana:x\nana:y", "ana:SCRAM-SHA-256$x"}) {
    const auto result = Credentials::parse(bad, random);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_NE(result.error().message.find("line "), std::string::npos);
  }
}

TEST(Access, TrustsOnlyLoopbackAndOnlyWhileNoPasswordIsSet) {
  CountingRandom random;
  const Access open({}, random);
  EXPECT_EQ(open.method_for("ana", true), Access::Method::trust);
  EXPECT_EQ(open.method_for("ana", false), Access::Method::refuse);
  const Access closed(*Credentials::parse("ana:secret", random), random);
  for (const auto* user : {"ana", "eve"}) {
    EXPECT_EQ(closed.method_for(user, true), Access::Method::scram);
    EXPECT_EQ(closed.method_for(user, false), Access::Method::scram);
  }
}

TEST(Access, AnUnknownUserSeesAStableSaltThatDiffersByName) {
  CountingRandom random;
  const Access access(*Credentials::parse("ana:secret", random), random);
  const auto salt_of = [&](std::string_view user) {
    const std::string first = access.begin_scram(user).client_first("n,,n=,r=abc").value();
    return first.substr(first.find(",s="));
  };
  EXPECT_EQ(salt_of("eve"), salt_of("eve"));
  EXPECT_NE(salt_of("eve"), salt_of("mallory"));
  EXPECT_EQ(salt_of("ana"), salt_of("ana"));
}

TEST(SecretFile, MustBeReadableByItsOwnerOnly) {
  const std::string path = testing::TempDir() + "/holdfast_secret_file_test";
  std::ofstream(path) << "ana:secret\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(read_secret_file(path).error().code, ErrorCode::permission_denied);
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(read_secret_file(path).value(), "ana:secret\n");
  EXPECT_EQ(read_secret_file(path + ".none").error().code, ErrorCode::io_error);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace holdfast
