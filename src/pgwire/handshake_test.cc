// The start of a connection: versions, parameters, policy, SCRAM with a client written here, and
// refusals.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "access/base64.h"
#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using client::be32;
using client::message;
using client::request;
using client::startup;
using client::zero;

constexpr std::string_view welcome =
    "R(0) S(application_name=) S(client_encoding=UTF8) S(DateStyle=ISO, MDY) "
    "S(default_transaction_read_only=off) S(in_hot_standby=off) S(integer_datetimes=on) "
    "S(IntervalStyle=postgres) S(is_superuser=on) S(server_encoding=UTF8) "
    "S(server_version=15.0 (Holdfast)) S(session_authorization=holdfast) "
    "S(standard_conforming_strings=on) S(TimeZone=UTC) K Z";

TEST(Handshake, GreetsAsPostgres15) {
  TestSession test;
  EXPECT_EQ(test.ask(startup({"user", "holdfast"})), welcome);
  EXPECT_TRUE(test.session.is_open());
}

TEST(Handshake, AcceptsBytesOneAtATime) {
  TestSession test;
  const std::string bytes = request(client::tls_code) + startup({"user", "holdfast"});
  std::string heard;
  for (char c : bytes) {
    test.say(std::string_view(&c, 1));
    heard += test.hear_raw();
  }
  ASSERT_EQ(heard.front(), 'N');
  EXPECT_EQ(client::words(std::string_view(heard).substr(1)), welcome);
}

TEST(Handshake, RefusesEncryptionOnceEach) {
  TestSession test;
  test.say(request(client::gss_code));
  EXPECT_EQ(test.hear_raw(), "N");
  test.say(request(client::tls_code));
  EXPECT_EQ(test.hear_raw(), "N");
  EXPECT_EQ(test.ask(request(client::tls_code)), "E(!08P01)");
  EXPECT_TRUE(test.transport.is_closed);
}

TEST(Handshake, RefusesASettingThatSetWouldRefuse) {
  TestSession test;
  const std::string said =
      test.ask(startup({"user", "ana", "database", "holdfast", "statement_timeout", "wrong"}));
  EXPECT_NE(said.find("E(!22023)"), std::string::npos) << said;
  EXPECT_FALSE(test.session.is_open());
}

TEST(Handshake, PassesSettingsOnAndKeepsItsOwn) {
  TestSession test;
  test.say(startup({"user", "ana", "database", "holdfast", "application_name", "shop",
                    "client_encoding", "'utf-8'", "extra_float_digits", "2", "options",
                    "-c TimeZone=UTC --search-path=a\\ b", "_pq_.nothing", "1"}));
  EXPECT_TRUE(test.session.is_open());
  const auto& settings = test.database.settings;
  EXPECT_EQ(settings.at("application_name"), "shop");
  EXPECT_EQ(settings.at("client_encoding"), "UTF8");
  EXPECT_EQ(settings.at("extra_float_digits"), "2");
  EXPECT_EQ(settings.at("TimeZone"), "UTC");
  EXPECT_EQ(settings.at("search_path"), "a b");
  EXPECT_FALSE(settings.contains("user"));
  EXPECT_FALSE(settings.contains("_pq_.nothing"));
}

TEST(Handshake, NegotiatesANewerMinorVersion) {
  for (const std::uint32_t minor : {2u, 9999u}) {
    TestSession test;
    test.say(startup({"user", "holdfast", "_pq_.wish", "1"}, (3 << 16) + minor));
    const std::string said = test.hear_raw();
    // The whole version number, one option not known.
    EXPECT_EQ(said.substr(0, 22),
              message('v', be32(3 << 16) + be32(1) + zero("_pq_.wish")).substr(0, 22));
    EXPECT_TRUE(test.session.is_open());
  }
}

struct Refusal {
  std::string name;
  std::string bytes;
  std::string reply;
};

class HandshakeRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(HandshakeRefusal, SaysWhyAndCloses) {
  TestSession test;
  EXPECT_EQ(test.ask(GetParam().bytes), GetParam().reply);
  EXPECT_TRUE(test.transport.is_closed);
  EXPECT_FALSE(test.session.is_open());
  EXPECT_EQ(test.ask("anything that follows"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, HandshakeRefusal,
    testing::Values(
        Refusal{"http", "GET / HTTP/1.1\r\n\r\n", "E(!08P01)"},
        Refusal{"tls_hello", "\x16\x03\x01\x02", "E(!08P01)"},
        Refusal{"too_short", be32(7) + be32(3 << 16), "E(!08P01)"},
        Refusal{"too_long", be32(10'001), "E(!08P01)"},
        Refusal{"negative", be32(0x80000000u), "E(!08P01)"},
        Refusal{"version_2", startup({}, 2 << 16), "E(!0A000)"},
        Refusal{"version_4", startup({"user", "a"}, 4 << 16), "E(!0A000)"},
        Refusal{"no_user", startup({}), "E(!28000)"},
        Refusal{"empty_user", startup({"user", "", "database", "x"}), "E(!28000)"},
        Refusal{"bad_user", startup({"user", "a\x01"}), "E(!28000)"},
        Refusal{"bad_utf8", startup({"user", "a\xff"}), "E(!22021)"},
        Refusal{"no_end", be32(13) + be32(3 << 16) + zero("user"), "E(!08P01)"},
        Refusal{"trailing", be32(10) + be32(3 << 16) + std::string(2, '\0'), "E(!08P01)"},
        Refusal{"odd", startup({"user"}), "E(!08P01)"},
        Refusal{"database", startup({"user", "holdfast", "database", "other"}), "R(0) E(!3D000)"},
        Refusal{"encoding", startup({"user", "a", "client_encoding", "LATIN1"}), "E(!22023)"},
        Refusal{"replication", startup({"user", "a", "replication", "database"}), "E(!0A000)"},
        Refusal{"options", startup({"user", "a", "options", "-x"}), "E(!42601)"},
        Refusal{"tls_with_tail", request(client::tls_code, "x"), "E(!08P01)"},
        Refusal{"short_cancel", request(client::cancel_code, be32(1)), "E(!08P01)"}),
    [](const auto& row) { return row.param.name; });

TEST(Handshake, RefusesWhoCannotBeServed) {
  TestSession full({.is_refused = true});
  EXPECT_EQ(full.ask(TestSession::greeting()), "E(!53300)");
  EXPECT_TRUE(full.transport.is_closed);
  TestSession far({.from_loopback = false});
  EXPECT_EQ(far.ask(TestSession::greeting()), "E(!28000)");
  EXPECT_EQ(far.stats.authentication_failures.load(), 1u);
}

TEST(Handshake, HandsACancelRequestOnAndSaysNothing) {
  TestSession test;
  EXPECT_EQ(test.ask(request(client::cancel_code, be32(42) + be32(43))), "");
  EXPECT_TRUE(test.transport.is_closed);
  ASSERT_EQ(test.canceled.size(), 1u);
  EXPECT_EQ(test.canceled[0], std::make_pair(42u, 43u));
}

// ---- SCRAM, with the client's half of RFC 5802

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char out[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
  return {reinterpret_cast<char*>(out), 32};
}

class ScramClient {
 public:
  explicit ScramClient(std::string password) : password_(std::move(password)) {}
  std::string first() const {
    const std::string text = "n,,n=,r=clientnonce";
    return message('p',
                   zero("SCRAM-SHA-256") + be32(static_cast<std::uint32_t>(text.size())) + text);
  }
  // `challenge`: server-first-message.
  std::string final(const std::string& challenge) const {
    const std::string nonce = challenge.substr(2, challenge.find(",s=") - 2);
    const std::size_t salt_at = challenge.find(",s=") + 3;
    const auto salt =
        *parse_base64(std::string_view(challenge).substr(salt_at, challenge.find(",i=") - salt_at));
    unsigned char salted[32];
    PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()),
                      reinterpret_cast<const unsigned char*>(salt.data()),
                      static_cast<int>(salt.size()), 4096, EVP_sha256(), 32, salted);
    const std::string client_key = hmac({reinterpret_cast<char*>(salted), 32}, "Client Key");
    unsigned char stored[32];
    SHA256(reinterpret_cast<const unsigned char*>(client_key.data()), 32, stored);
    const std::string without_proof = "c=biws,r=" + nonce;
    const std::string signature = hmac({reinterpret_cast<char*>(stored), 32},
                                       "n=,r=clientnonce," + challenge + "," + without_proof);
    std::string proof = client_key;
    for (std::size_t index = 0; index < 32; ++index) {
      proof[index] = static_cast<char>(proof[index] ^ signature[index]);
    }
    return message('p', without_proof + ",p=" + base64(as_bytes(proof)));
  }

 private:
  std::string password_;
};

std::string challenge_in(const std::string& said) { return said.substr(9); }

TEST(Handshake, AuthenticatesWithScram) {
  TestSession test({.passwords = "holdfast:secret", .from_loopback = false});
  const ScramClient client("secret");
  EXPECT_EQ(test.ask(TestSession::greeting()), "R(10)");
  test.say(client.first());
  const std::string challenge = test.hear_raw();
  EXPECT_EQ(client::words(challenge), "R(11)");
  EXPECT_EQ(test.ask(client.final(challenge_in(challenge))), "R(12) " + std::string(welcome));
}

TEST(Handshake, AWrongPasswordAndAnUnknownUserLookTheSame) {
  for (const auto* user : {"holdfast", "nobody"}) {
    TestSession test({.passwords = "holdfast:secret"});
    const ScramClient client("wrong");
    EXPECT_EQ(test.ask(startup({"user", user, "database", "secret_database"})), "R(10)");
    test.say(client.first());
    test.say(client.final(challenge_in(test.hear_raw())));
    const std::string said = test.hear_raw();
    EXPECT_EQ(client::words(said), "E(!28P01)") << user;
    EXPECT_EQ(client::error_field(std::string_view(said).substr(5), 'M'),
              "password authentication failed for user \"" + std::string(user) + "\"");
    EXPECT_TRUE(test.transport.is_closed);
    EXPECT_EQ(test.stats.authentication_failures.load(), 1u);
  }
}

TEST(Handshake, TakesNothingButSaslBeforeThePasswordIsProved) {
  const std::string long_one(authentication_bytes_max + 1, 'x');
  const std::string table[] = {client::query("select 1"),
                               client::terminate(),
                               message('p', ""),
                               message('p', zero("SCRAM-SHA-256-PLUS") + be32(0)),
                               message('p', zero("SCRAM-SHA-256") + be32(~0u)),
                               message('p', zero("SCRAM-SHA-256") + be32(5) + "abc"),
                               message('p', zero("SCRAM-SHA-256") + be32(1) + "abc"),
                               message('p', long_one),
                               "p" + be32(3)};
  for (const auto& bytes : table) {
    TestSession test({.passwords = "holdfast:secret"});
    EXPECT_EQ(test.ask(TestSession::greeting()), "R(10)");
    EXPECT_EQ(test.ask(bytes), "E(!08P01)") << testing::PrintToString(bytes.substr(0, 40));
    EXPECT_TRUE(test.transport.is_closed);
  }
}

}  // namespace
}  // namespace holdfast
