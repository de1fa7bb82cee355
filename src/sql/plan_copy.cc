// COPY … FROM STDIN: an INSERT whose rows come behind the statement, as parameters.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/changes.h"
#include "sql/convert.h"

namespace holdfast {
namespace {

using Kind = CopyFormat::Kind;

class Options {
 public:
  Options(const Planning& planning, std::span<PgQuery__Node* const> list)
      : planning_(planning), list_(list) {}

  Result<CopyFormat> read() {
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
  // header, header true, header off, header 1
  Result<bool> flag_of(const PgQuery__DefElem& option) const {
    const PgQuery__Node* value = option.arg;
    if (value == nullptr) return true;
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER) return value->integer->ival != 0;
    if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN) return value->boolean->boolval != 0;
    const auto flag = parse_boolean(option.defname, text_of(option));
    if (flag.has_value()) return *flag;
    return planning_.error(ErrorCode::syntax_error, option.location,
                           fmt::format("{} requires a Boolean value", option.defname));
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
      out_.kind = static_cast<Kind>(found - kinds.begin());
      return {};
    }
    if (name == "delimiter") return take_character(option, delimiter_);
    if (name == "quote") return take_character(option, quote_);
    if (name == "escape") return take_character(option, escape_);
    if (name == "null") {
      null_ = text_of(option);
      return {};
    }
    if (name == "header") {
      ASSIGN(out_.has_header, flag_of(option));
      return {};
    }
    if (name == "freeze") return {};  // nothing to freeze
    if (name == "encoding" && is_utf8_name(text_of(option))) return {};
    return planning_.not_supported(option.location, fmt::format("the COPY option {}", name));
  }
  [[nodiscard]] static bool is_utf8_name(std::string_view name) {
    return check_setting(*find_setting("client_encoding"), name).has_value();
  }

  Status finish() {
    const bool is_csv = out_.kind == Kind::csv;
    const auto only_csv = [&](bool is_given, std::string_view what) -> Status {
      if (!is_given || is_csv) return {};
      return planning_.error(ErrorCode::not_supported, -1,
                             fmt::format("COPY {} available only in CSV mode", what));
    };
    TRY(only_csv(out_.has_header, "HEADER"));
    TRY(only_csv(quote_.has_value(), "quote"));
    TRY(only_csv(escape_.has_value(), "escape"));
    if (out_.kind == Kind::binary && (delimiter_ || null_)) {
      return planning_.error(
          ErrorCode::syntax_error, -1,
          fmt::format("cannot specify {} in BINARY mode", delimiter_ ? "DELIMITER" : "NULL"));
    }
    out_.delimiter = delimiter_.value_or(is_csv ? ',' : '\t');
    out_.null = null_.value_or(is_csv ? "" : "\\N");
    out_.quote = quote_.value_or('"');
    out_.escape = escape_.value_or(out_.quote);
    constexpr std::string_view not_in_text = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    const bool is_text = out_.kind == Kind::text;
    if (is_text && not_in_text.find(out_.delimiter) != std::string_view::npos) {
      return planning_.error(ErrorCode::invalid_value, -1,
                             fmt::format("COPY delimiter cannot be \"{}\"", out_.delimiter));
    }
    if (is_csv && out_.delimiter == out_.quote) {
      return planning_.error(ErrorCode::invalid_value, -1,
                             "COPY delimiter and quote must be different");
    }
    return {};
  }

  const Planning& planning_;
  std::span<PgQuery__Node* const> list_;
  std::vector<std::string_view> seen_;
  CopyFormat out_;
  std::optional<char> delimiter_, quote_, escape_;
  std::optional<std::string> null_;
};

Result<std::vector<Argument>> columns_of(const Change& change, const PgQuery__CopyStmt& copy) {
  std::vector<Argument> out;
  for (std::size_t index = 0; index < copy.n_attlist; ++index) {
    const std::string_view name = copy.attlist[index]->string->sval;
    ASSIGN(const Argument argument, change.argument_of(name, -1));
    if (std::ranges::find(out, argument) != out.end()) {
      return change.planning().error(ErrorCode::syntax_error, -1,
                                     fmt::format("column \"{}\" specified more than once", name));
    }
    out.push_back(argument);
  }
  if (!out.empty()) return out;
  // All of them in their order; an other name of a column is no further one.
  for (const WritableColumn& column : writable_columns(change.plan.relation)) {
    if (std::ranges::find(out, column.argument) == out.end()) out.push_back(column.argument);
  }
  return out;
}

}  // namespace

Status plan_copy(Planning& planning, const PgQuery__CopyStmt& copy) {
  if (!copy.is_from) return planning.not_supported(-1, "COPY … TO");
  const bool is_file = copy.filename != nullptr && *copy.filename != '\0';
  if (copy.is_program || is_file) {
    return planning.error(
        ErrorCode::not_supported, -1, "COPY FROM a file or program of the server is not supported",
        "Use COPY … FROM STDIN, or psql's \\copy, which reads a file of the client.");
  }
  if (copy.where_clause != nullptr) return planning.not_supported(-1, "COPY FROM … WHERE");
  ASSIGN(Change change, Change::of(planning, *copy.relation, ChangePlan::Verb::insert));
  ASSIGN(change.plan.copy, Options(planning, {copy.options, copy.n_options}).read());
  ASSIGN(const std::vector<Argument> columns, columns_of(change, copy));
  change.plan_as_insert();
  std::vector<ArgumentSlot>& row = change.plan.rows.emplace_back();
  for (const Argument column : columns) {
    Operand operand;
    operand.from = Operand::From::parameter;
    operand.parameter = static_cast<std::uint16_t>(planning.plan.parameters.size());
    planning.plan.parameters.push_back(info_of(column).type);
    row.push_back({column, operand});
  }
  change.add_missing_units();
  planning.plan.tag = "COPY";
  planning.plan.body = std::move(change.plan);
  return {};
}

}  // namespace holdfast
