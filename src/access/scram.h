// SCRAM-SHA-256 (RFC 5802, RFC 7677): the server's side, as a pure state machine: messages in,
// messages out. What is stored cannot be used to log in: a verifier holds salt, iteration count,
// StoredKey and ServerKey, in PostgreSQL's own text form,
// `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>` (base64), so psql's \password can make one.
//
//   client-first  n,,n=user,r=nonce        ──▶  client_first()  ──▶  r=nonce+ours,s=salt,i=4096
//   client-final  c=biws,r=…,p=proof       ──▶  client_final()  ──▶  v=signature
//
// Invariants
//   1. Every message is parsed strictly: canonical base64, no unknown mandatory extension, the
//   nonce and the gs2 header
//      repeated exactly. Malformed is protocol_violation; a wrong proof is authentication_failed.
//   2. An unknown user goes through the same messages with a salt that is always the same for that
//   name, and always
//      fails; proofs are compared in constant time.
//   3. Channel binding (-PLUS) is not offered, so a client that asks for it is refused, and one
//   that says it could
//      (`y`) is served: without -PLUS on offer that is no downgrade.
//
// Passwords are ASCII, where SASLprep (RFC 4013) changes nothing; see ScramVerifier::make.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

inline constexpr std::string_view scram_mechanism = "SCRAM-SHA-256";
inline constexpr int scram_iterations_default = 4096;  // PostgreSQL's
inline constexpr int scram_iterations_max = 1'000'000;
inline constexpr std::size_t scram_salt_bytes = 16;
inline constexpr std::size_t scram_nonce_bytes = 18;  // 24 characters in base64
inline constexpr std::size_t scram_message_bytes_max = 2'048;
inline constexpr std::size_t password_bytes_max = 1'024;

using ScramKey = std::array<std::byte, 32>;

struct ScramVerifier {
  int iterations = scram_iterations_default;
  std::vector<std::byte> salt;
  ScramKey stored_key{};
  ScramKey server_key{};

  // Printable ASCII only: for anything else SASLprep would have to agree with the client's, so a
  // verifier made by the client must be stored instead.
  static Result<ScramVerifier> make(std::string_view password, ByteSpan salt,
                                    int iterations = scram_iterations_default);
  static Result<ScramVerifier> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

class ScramExchange {
 public:
  // `known`: false makes every proof wrong. `nonce`: fresh randomness, printable, without commas.
  ScramExchange(ScramVerifier verifier, bool known, std::string nonce);

  // server-first-message, or why not. Each is called once, in this order.
  Result<std::string> client_first(std::string_view message);
  // server-final-message: the client proved the password. authentication_failed: it did not.
  Result<std::string> client_final(std::string_view message);

 private:
  ScramVerifier verifier_;
  bool known_;
  std::string nonce_;         // ours, then the client's in front of it
  std::string gs2_header_;    // "n,," or "y,,"
  std::string auth_message_;  // client-first-bare "," server-first "," …
};

}  // namespace holdfast
