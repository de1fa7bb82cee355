// The arithmetic of RFC 5802 §3 and the grammar of its §7.
#include "access/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

#include "access/base64.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast {
namespace {

const unsigned char* raw(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

ScramKey hmac(ByteSpan key, std::string_view message) {
  ScramKey out{};
  unsigned size = 0;
  const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(as_bytes(message)),
           message.size(), reinterpret_cast<unsigned char*>(out.data()), &size);
  CHECK(done != nullptr && size == out.size());
  return out;
}

ScramKey sha256(ByteSpan bytes) {
  ScramKey out{};
  SHA256(raw(bytes), bytes.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

bool equal_in_constant_time(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

tl::unexpected<Error> malformed(std::string_view why) {
  return fail(Error{.code = ErrorCode::protocol_violation,
                    .message = "malformed SCRAM message",
                    .detail = std::string(why),
                    .hint = {}});
}

// Takes "<letter>=<value>" up to the next comma or the end off the front.
std::optional<std::string_view> take_attribute(std::string_view& rest, char letter) {
  if (rest.size() < 2 || rest[0] != letter || rest[1] != '=') return std::nullopt;
  const std::size_t comma = rest.find(',');
  const std::string_view value =
      rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return value;
}

// RFC 5802: printable = %x21-2B / %x2D-7E, so no comma.
bool is_nonce(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::optional<ScramKey> parse_key(std::string_view text) {
  const auto bytes = parse_base64(text);
  if (!bytes || bytes->size() != sizeof(ScramKey)) return std::nullopt;
  ScramKey key{};
  std::ranges::copy(*bytes, key.begin());
  return key;
}

}  // namespace

Result<ScramVerifier> ScramVerifier::make(std::string_view password, ByteSpan salt,
                                          int iterations) {
  CHECK(iterations >= 1 && iterations <= scram_iterations_max && !salt.empty());
  if (password.empty() || password.size() > password_bytes_max) {
    return fail(ErrorCode::invalid_value, "a password must be 1 to {} bytes, got {}",
                password_bytes_max, password.size());
  }
  if (!std::ranges::all_of(password, [](char c) { return c >= 0x20 && c <= 0x7e; })) {
    return fail(Error{.code = ErrorCode::invalid_value,
                      .message = "a password in plain text must be printable ASCII",
                      .detail = {},
                      .hint = "Store a SCRAM-SHA-256 verifier instead, as a client makes it."});
  }
  ScramKey salted{};
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                                     static_cast<int>(salt.size()), iterations, EVP_sha256(),
                                     static_cast<int>(salted.size()),
                                     reinterpret_cast<unsigned char*>(salted.data()));
  CHECK(done == 1);
  ScramKey client_key = hmac(salted, "Client Key");
  ScramVerifier verifier{.iterations = iterations,
                         .salt = {salt.begin(), salt.end()},
                         .stored_key = sha256(client_key),
                         .server_key = hmac(salted, "Server Key")};
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client_key.data(), client_key.size());
  return verifier;
}

Result<ScramVerifier> ScramVerifier::parse(std::string_view text) {
  const auto bad = [] {
    return fail(ErrorCode::invalid_value,
                "a verifier reads SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>");
  };
  if (!text.starts_with(scram_mechanism)) return bad();
  text.remove_prefix(scram_mechanism.size());
  if (!text.starts_with('$')) return bad();
  text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  const std::size_t dollar = text.find('$');
  const std::size_t last = text.rfind(':');
  if (dollar == std::string_view::npos || colon > dollar || last < dollar) return bad();
  ScramVerifier verifier;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, verifier.iterations);
  auto salt = parse_base64(text.substr(colon + 1, dollar - colon - 1));
  const auto stored = parse_key(text.substr(dollar + 1, last - dollar - 1));
  const auto server = parse_key(text.substr(last + 1));
  if (error != std::errc() || end != text.data() + colon || verifier.iterations < 1 ||
      verifier.iterations > scram_iterations_max || !salt || salt->empty() || !stored || !server) {
    return bad();
  }
  verifier.salt = std::move(*salt);
  verifier.stored_key = *stored;
  verifier.server_key = *server;
  return verifier;
}

std::string ScramVerifier::text() const {
  return fmt::format("{}${}:{}${}:{}", scram_mechanism, iterations, base64(salt),
                     base64(stored_key), base64(server_key));
}

ScramExchange::ScramExchange(ScramVerifier verifier, bool known, std::string nonce)
    : verifier_(std::move(verifier)), known_(known), nonce_(std::move(nonce)) {
  CHECK(is_nonce(nonce_));
}

Result<std::string> ScramExchange::client_first(std::string_view message) {
  CHECK(auth_message_.empty());
  if (message.size() > scram_message_bytes_max || has_control_character(message)) {
    return malformed("too long, or with control characters");
  }
  if (message.starts_with("p=")) {
    return malformed("channel binding was chosen, which SCRAM-SHA-256 does not offer");
  }
  if (!message.starts_with("n,") && !message.starts_with("y,")) return malformed("no gs2 header");
  if (message.size() < 3 || message[2] != ',') {
    return fail(ErrorCode::not_supported, "an authorization identity is not supported");
  }
  gs2_header_ = message.substr(0, 3);
  const std::string_view bare = message.substr(3);
  std::string_view rest = bare;
  if (rest.starts_with("m=")) {
    return fail(ErrorCode::not_supported, "the client requires an unsupported SCRAM extension");
  }
  if (!take_attribute(rest, 'n'))
    return malformed("no user name attribute");  // start-up names the user
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed("no nonce");
  nonce_.insert(0, *nonce);
  const std::string reply =
      fmt::format("r={},s={},i={}", nonce_, base64(verifier_.salt), verifier_.iterations);
  auth_message_ = fmt::format("{},{}", bare, reply);
  return reply;
}

Result<std::string> ScramExchange::client_final(std::string_view message) {
  CHECK(!auth_message_.empty());
  if (message.size() > scram_message_bytes_max || has_control_character(message)) {
    return malformed("too long, or with control characters");
  }
  std::string_view rest = message;
  const auto binding = take_attribute(rest, 'c');
  if (!binding || *binding != base64(as_bytes(gs2_header_))) {
    return malformed("the channel-binding attribute does not repeat the gs2 header");
  }
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || *nonce != nonce_) return malformed("the nonce is not the one agreed on");
  // Optional extensions may stand between nonce and proof; the proof is last.
  const std::size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos ||
      message.find(',', proof_at + 1) != std::string_view::npos) {
    return malformed("no proof at the end");
  }
  const auto proof = parse_key(message.substr(proof_at + 3));
  if (!proof) return malformed("the proof is not 32 bytes in base64");

  auth_message_ += ',';
  auth_message_ += message.substr(0, proof_at);
  const ScramKey signature = hmac(verifier_.stored_key, auth_message_);
  ScramKey client_key{};
  for (std::size_t index = 0; index < client_key.size(); ++index) {
    client_key[index] = (*proof)[index] ^ signature[index];
  }
  const bool proved = equal_in_constant_time(sha256(client_key), verifier_.stored_key);
  OPENSSL_cleanse(client_key.data(), client_key.size());
  if (!proved || !known_) return fail(ErrorCode::authentication_failed, "password does not match");
  return fmt::format("v={}", base64(hmac(verifier_.server_key, auth_message_)));
}

}  // namespace holdfast
