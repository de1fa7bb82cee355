// Who may come in. A password file names users; everybody else is let in only from the same
// machine, and only while no password is set at all.
//
//   file, one user a line:   name:SCRAM-SHA-256$4096:…$…:…      or   name:password      # comment
//
//   passwords set?   user in the file   comes from         answer
//   no               –                  loopback           trust
//   no               –                  elsewhere          refuse
//   yes              yes                anywhere           scram
//   yes              no                 anywhere           scram that always fails (nothing tells
//   the two apart)
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "access/scram.h"
#include "base/result.h"
#include "world/world.h"

namespace holdfast {

inline constexpr std::size_t password_file_bytes_max = 1024 * 1024;

// Users and their verifiers. A password in plain text is turned into a verifier at once and not
// kept.
class Credentials {
 public:
  Credentials() = default;
  static Result<Credentials> parse(std::string_view text, Random& random);
  [[nodiscard]] const ScramVerifier* find(std::string_view user) const;
  [[nodiscard]] bool empty() const { return users_.empty(); }

 private:
  std::map<std::string, ScramVerifier, std::less<>> users_;
};

// Reads a file that only its owner may read or write (0600, regular, no symbolic link), for
// Credentials::parse.
Result<std::string> read_secret_file(const std::string& path);

// Immutable once made; any thread. `random` outlives it and is called from the threads that
// authenticate.
class Access {
 public:
  enum class Method { trust, scram, refuse };

  Access(Credentials credentials, Random& random);
  [[nodiscard]] Method method_for(std::string_view user, bool from_loopback) const;
  // REQUIRES: method_for said scram.
  [[nodiscard]] ScramExchange begin_scram(std::string_view user) const;
  [[nodiscard]] bool has_passwords() const { return !credentials_.empty(); }
  // For secrets that sessions hand out, e.g. cancel keys.
  [[nodiscard]] std::uint32_t secret() const;

 private:
  Credentials credentials_;
  Random& random_;
  ScramKey mock_key_{};  // makes the salts of unknown users
};

}  // namespace holdfast
