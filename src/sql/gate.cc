// The scan follows src/backend/parser/scan.l of PostgreSQL 15; unterminated quotes and comments end
// the scan, and the parser then says so in PostgreSQL's words.
#include "sql/gate.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) { return is_word_start(c) || (c >= '0' && c <= '9') || c == '$'; }

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  Result<GateReport> run() {
    while (at_ < text_.size()) {
      if (skip_blank_or_comment()) continue;
      if (text_[at_] == ';' && depth_ == 0) {
        ++at_;
        tokens_ = 0;
        continue;
      }
      const std::size_t start = at_;
      take_token();
      report_.has_tokens = true;
      report_.tokens = std::max(report_.tokens, ++tokens_);
      if (depth_ > nesting_max) return too_much("nesting depth", nesting_max, start);
      if (tokens_ > tokens_max) return too_much("statement tokens", tokens_max, start);
    }
    if (comment_too_deep_) return too_much("nesting depth of comments", nesting_max, at_);
    return report_;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  tl::unexpected<Error> too_much(std::string_view what, std::size_t limit, std::size_t at) const {
    return fail(Error{.code = ErrorCode::limit_exceeded,
                      .message = fmt::format("{} must be at most {}", what, limit),
                      .detail = {},
                      .hint = "Split the statement.",
                      .position = character_position(text_, at)});
  }

  bool skip_blank_or_comment() {
    if (is_blank(peek())) {
      ++at_;
      return true;
    }
    if (peek() == '-' && peek(1) == '-') {
      while (at_ < text_.size() && peek() != '\n' && peek() != '\r') ++at_;
      return true;
    }
    if (peek() != '/' || peek(1) != '*') return false;
    std::size_t open = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        at_ += 2;
        if (++open > nesting_max) {
          comment_too_deep_ = true;
          at_ = text_.size();
        }
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        --open;
      } else {
        ++at_;
      }
    } while (open > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
    if (open > 0) report_.has_tokens = true;  // it has no end, and the parser says so
    return true;
  }

  void take_token() {
    const char c = peek();
    if (c == '\'') return take_quoted('\'', false);
    if (c == '"') return take_quoted('"', false);
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      ++at_;
      return take_quoted('\'', true);
    }
    if (c == '$' && take_dollar_quoted()) return;
    if (is_word_start(c)) {
      while (is_word(peek())) ++at_;
      return;
    }
    if (c >= '0' && c <= '9') {
      while ((peek() >= '0' && peek() <= '9') || peek() == '.') ++at_;
      return;
    }
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
    ++at_;
  }

  void take_quoted(char quote, bool backslashes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        ++at_;
        if (peek() != quote) return;
      }
    }
    at_ = text_.size();
  }

  bool take_dollar_quoted() {
    std::size_t end = at_ + 1;
    if (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') return false;  // $1
    while (end < text_.size() && text_[end] != '$' && is_word(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end - at_ + 1);
    const std::size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tokens_ = 0;
  std::size_t depth_ = 0;
  bool comment_too_deep_ = false;
  GateReport report_;
};

}  // namespace

Result<GateReport> pass_gate(std::string_view text) {
  if (text.size() > statement_bytes_max) {
    return fail(ErrorCode::limit_exceeded, "statement must be at most {} bytes, got {}",
                statement_bytes_max, text.size());
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_encoding, "statement must not contain a NUL byte");
  }
  if (!is_utf8(text)) return fail(ErrorCode::invalid_encoding, "statement is not valid UTF-8");
  return Scan(text).run();
}

int character_position(std::string_view text, std::size_t offset) {
  int characters = 1;
  for (const char c : text.substr(0, offset)) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++characters;
  }
  return characters;
}

}  // namespace holdfast
