// The checks of ProcessCopyOptions (src/backend/commands/copy.c of PostgreSQL 15), in its words.
#include "sql/copy_options.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/convert.h"

namespace holdfast {
namespace {

using Kind = CopyFormat::Kind;

class Reader {
 public:
  Reader(const Planning& planning, const PgQuery__CopyStmt& copy)
      : planning_(planning), list_(copy.options, copy.n_options), is_from_(copy.is_from) {}

  Result<CopyOptions> read() {
    for (const PgQuery__Node* node : list_) {
      const PgQuery__DefElem& option = *node->def_elem;
      const std::string_view name = option.defname;
      if (std::ranges::find(seen_, name) != seen_.end()) {
        return planning_.error(ErrorCode::syntax_error, option.location,
                               "conflicting or redundant options");
      }
      seen_.push_back(name);
      TRY(take(name, option));
    }
    TRY(finish());
    return out_;
  }

 private:
  [[nodiscard]] static std::string_view text_of(const PgQuery__DefElem& option) {
    const PgQuery__Node* value = option.arg;
    const bool is_text = value != nullptr && value->node_case == PG_QUERY__NODE__NODE_STRING;
    return is_text ? std::string_view(value->string->sval) : "";
  }
  // header, header true, header off, header 1, header match
  Status take_header(const PgQuery__DefElem& option) {
    using Header = CopyFormat::Header;
    if (lower(text_of(option)) == "match") {
      out_.format.header = Header::match;
      if (is_from_) return {};
      return planning_.error(ErrorCode::not_supported, option.location,
                             "cannot use \"match\" with HEADER in COPY TO");
    }
    ASSIGN(const bool flag, flag_of(option));
    out_.format.header = flag ? Header::line : Header::none;
    return {};
  }
  Result<bool> flag_of(const PgQuery__DefElem& option) const {
    const PgQuery__Node* value = option.arg;
    if (value == nullptr) return true;
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER) return value->integer->ival != 0;
    if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN) return value->boolean->boolval != 0;
    const auto flag = parse_boolean(option.defname, text_of(option));
    if (flag.has_value()) return *flag;
    return planning_.error(ErrorCode::syntax_error, option.location,
                           fmt::format("{} requires a Boolean value or \"match\"", option.defname));
  }
  Status take_character(const PgQuery__DefElem& option, std::optional<char>& out) const {
    const std::string_view text = text_of(option);
    const bool is_one = text.size() == 1 && text[0] != '\n' && text[0] != '\r' &&
                        static_cast<unsigned char>(text[0]) < 0x80;
    if (!is_one) {
      return planning_.error(
          ErrorCode::not_supported, option.location,
          fmt::format("COPY {} must be a single one-byte character", option.defname));
    }
    out = text[0];
    return {};
  }

  Status take(std::string_view name, const PgQuery__DefElem& option) {
    if (name == "format") {
      constexpr std::array<std::string_view, 3> kinds = {"text", "csv", "binary"};
      const auto* const found = std::ranges::find(kinds, text_of(option));
      if (found == kinds.end()) {
        return planning_.error(ErrorCode::invalid_value, option.location,
                               fmt::format("COPY format \"{}\" not recognized", text_of(option)));
      }
      out_.format.kind = static_cast<Kind>(found - kinds.begin());
      return {};
    }
    if (name == "delimiter") return take_character(option, delimiter_);
    if (name == "quote") return take_character(option, quote_);
    if (name == "escape") return take_character(option, escape_);
    if (name == "null") {
      null_ = text_of(option);
      return {};
    }
    if (name == "header") return take_header(option);
    if (name == "force_quote") return take_forced(option);
    if (name == "freeze" && is_from_) return {};  // nothing to freeze
    if (name == "encoding" && is_utf8_name(text_of(option))) return {};
    return planning_.not_supported(option.location, fmt::format("the COPY option {}", name));
  }
  // Names, or *.
  Status take_forced(const PgQuery__DefElem& option) {
    const PgQuery__Node* value = option.arg;
    const bool is_list = value != nullptr && value->node_case == PG_QUERY__NODE__NODE_LIST;
    out_.quotes_all = value != nullptr && value->node_case == PG_QUERY__NODE__NODE_A_STAR;
    if (!is_list && !out_.quotes_all) {
      return planning_.error(ErrorCode::invalid_value, option.location,
                             "argument to option \"force_quote\" must be a list of column names");
    }
    if (!is_list) return {};
    for (std::size_t index = 0; index < value->list->n_items; ++index) {
      out_.quoted.emplace_back(value->list->items[index]->string->sval);
    }
    return {};
  }
  [[nodiscard]] static bool is_utf8_name(std::string_view name) {
    return check_setting(*find_setting("client_encoding"), name).has_value();
  }

  Status finish() {
    CopyFormat& format = out_.format;
    const bool is_csv = format.kind == Kind::csv;
    const auto only_csv = [&](bool is_given, std::string_view what) -> Status {
      if (!is_given || is_csv) return {};
      return planning_.error(ErrorCode::not_supported, -1,
                             fmt::format("COPY {} available only in CSV mode", what));
    };
    TRY(only_csv(quote_.has_value(), "quote"));
    TRY(only_csv(escape_.has_value(), "escape"));
    TRY(only_csv(out_.quotes_all || !out_.quoted.empty(), "force quote"));
    if (is_from_ && (out_.quotes_all || !out_.quoted.empty())) {
      return planning_.error(ErrorCode::not_supported, -1,
                             "COPY force quote only available using COPY TO");
    }
    if (format.kind == Kind::binary && format.header != CopyFormat::Header::none) {
      return planning_.error(ErrorCode::not_supported, -1, "cannot specify HEADER in BINARY mode");
    }
    if (format.kind == Kind::binary && (delimiter_ || null_)) {
      return planning_.error(
          ErrorCode::syntax_error, -1,
          fmt::format("cannot specify {} in BINARY mode", delimiter_ ? "DELIMITER" : "NULL"));
    }
    format.delimiter = delimiter_.value_or(is_csv ? ',' : '\t');
    format.null = null_.value_or(is_csv ? "" : "\\N");
    format.quote = quote_.value_or('"');
    format.escape = escape_.value_or(format.quote);
    constexpr std::string_view not_in_text = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    const bool is_text = format.kind == Kind::text;
    if (is_text && not_in_text.find(format.delimiter) != std::string_view::npos) {
      return planning_.error(ErrorCode::invalid_value, -1,
                             fmt::format("COPY delimiter cannot be \"{}\"", format.delimiter));
    }
    TRY(check_null());
    if (is_csv && format.delimiter == format.quote) {
      return planning_.error(ErrorCode::invalid_value, -1,
                             "COPY delimiter and quote must be different");
    }
    return {};
  }

  // What stands for NULL is told from every other field.
  [[nodiscard]] Status check_null() const {
    const CopyFormat& format = out_.format;
    if (format.kind == Kind::binary) return {};
    if (format.null.find_first_of("\r\n") != std::string::npos) {
      return planning_.error(ErrorCode::invalid_value, -1,
                             "COPY null representation cannot use newline or carriage return");
    }
    if (format.null.find(format.delimiter) != std::string::npos) {
      return planning_.error(ErrorCode::not_supported, -1,
                             "COPY delimiter must not appear in the NULL specification");
    }
    if (format.kind == Kind::csv && format.null.find(format.quote) != std::string::npos) {
      return planning_.error(ErrorCode::not_supported, -1,
                             "CSV quote character must not appear in the NULL specification");
    }
    return {};
  }

  const Planning& planning_;
  std::span<PgQuery__Node* const> list_;
  std::vector<std::string_view> seen_;
  bool is_from_;
  CopyOptions out_;
  std::optional<char> delimiter_, quote_, escape_;
  std::optional<std::string> null_;
};

}  // namespace

Result<CopyOptions> read_copy_options(const Planning& planning, const PgQuery__CopyStmt& copy) {
  return Reader(planning, copy).read();
}

}  // namespace holdfast
