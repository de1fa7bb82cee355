// The password file and the policy.
#include "access/access.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "access/base64.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast {

Result<Credentials> Credentials::parse(std::string_view text, Random& random) {
  Credentials credentials;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view entry = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (entry.ends_with('\r')) entry.remove_suffix(1);
    if (entry.empty() || entry.front() == '#') continue;
    const auto bad = [&](std::string_view why) {
      return fail(ErrorCode::invalid_value, "password file, line {}: {}", line, why);
    };
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return bad("expected user:password or user:verifier");
    const std::string_view user = entry.substr(0, colon);
    const std::string_view secret = entry.substr(colon + 1);
    if (const auto status = check_identifier("user", user); !status)
      return bad(status.error().message);
    std::array<std::byte, scram_salt_bytes> salt{};
    random.fill(salt);
    auto verifier = secret.starts_with("SCRAM-SHA-256$") ? ScramVerifier::parse(secret)
                                                         : ScramVerifier::make(secret, salt);
    if (!verifier) return bad(verifier.error().message);
    if (!credentials.users_.emplace(user, std::move(*verifier)).second) {
      return bad("this user is named twice");
    }
  }
  return credentials;
}

const ScramVerifier* Credentials::find(std::string_view user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? nullptr : &found->second;
}

Result<std::string> read_secret_file(const std::string& path) {
  const auto failed = [&](std::string_view what) {
    return fail(ErrorCode::io_error, "cannot {} password file {}: {}", what, quoted(path),
                std::strerror(errno));
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return failed("open");
  struct Closer {
    int file;
    ~Closer() { ::close(file); }
  } closer{file};
  struct stat status {};
  if (::fstat(file, &status) != 0) return failed("examine");
  if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission_denied,
                "password file {} must be a regular file that only its owner can read (chmod 600)",
                quoted(path));
  }
  std::string text;
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t got = ::read(file, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read");
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > password_file_bytes_max) {
      return fail(ErrorCode::limit_exceeded, "password file {} must be at most {} bytes",
                  quoted(path), password_file_bytes_max);
    }
  }
}

Access::Access(Credentials credentials, Random& random)
    : credentials_(std::move(credentials)), random_(random) {
  random_.fill(mock_key_);
}

Access::Method Access::method_for(std::string_view, bool from_loopback) const {
  if (!credentials_.empty()) return Method::scram;
  return from_loopback ? Method::trust : Method::refuse;
}

ScramExchange Access::begin_scram(std::string_view user) const {
  std::array<std::byte, scram_nonce_bytes> nonce{};
  random_.fill(nonce);
  if (const ScramVerifier* verifier = credentials_.find(user)) {
    return {*verifier, true, base64(nonce)};
  }
  ScramVerifier mock;
  std::array<unsigned char, 32> salt{};
  unsigned size = 0;
  HMAC(EVP_sha256(), mock_key_.data(), static_cast<int>(mock_key_.size()),
       reinterpret_cast<const unsigned char*>(user.data()), user.size(), salt.data(), &size);
  CHECK(size == salt.size());
  const auto bytes = std::as_bytes(std::span(salt));
  mock.salt.assign(bytes.begin(), bytes.begin() + scram_salt_bytes);
  return {std::move(mock), false, base64(nonce)};
}

std::uint32_t Access::secret() const { return static_cast<std::uint32_t>(random_.next()); }

}  // namespace holdfast
