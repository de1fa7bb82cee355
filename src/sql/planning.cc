// Operands and errors. Types are inferred from places, left to right: the first place of a
// parameter decides, unless the client declared a type or the text casts it.
#include "sql/planning.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/check.h"
#include "base/text.h"
#include "sql/convert.h"
#include "sql/gate.h"
#include "sql/planner.h"

namespace holdfast {
namespace {

constexpr std::string_view understood =
    "Holdfast understands its functions (SELECT * FROM claim('SKU-1', 1)), look-ups by key (SELECT "
    "* "
    "FROM stock WHERE sku = 'SKU-1'; also availability, claims, items, locations, channels), "
    "INSERT, UPDATE and DELETE by key, SHOW, SET and constant SELECTs. See docs/sql.md.";

// A cast that is folded away: what is inside, and the outermost type asked for.
struct Uncast {
  const PgQuery__Node* node = nullptr;
  const PgQuery__TypeName* type = nullptr;  // innermost cast: the one a parameter is declared by
  bool several = false;
};

Uncast uncast(const PgQuery__Node& node) {
  Uncast out{.node = &node};
  while (out.node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
    out.several = out.type != nullptr;
    out.type = out.node->type_cast->type_name;
    out.node = out.node->type_cast->arg;
  }
  return out;
}

}  // namespace

tl::unexpected<Error> Planning::error(ErrorCode code, int location, std::string message,
                                      std::string hint) const {
  return fail(Error{
      .code = code,
      .message = std::move(message),
      .detail = {},
      .hint = std::move(hint),
      .position = location < 0 ? 0 : character_position(sql_, static_cast<std::size_t>(location))});
}

tl::unexpected<Error> Planning::not_supported(int location, std::string_view what) const {
  return error(ErrorCode::not_supported, location, fmt::format("{} is not supported", what),
               std::string(understood));
}

Result<Value> Planning::literal(const PgQuery__AConst& constant) {
  Value out{.type = SqlType::unknown, .is_null = constant.isnull != 0, .text = {}, .uuid = {}};
  if (out.is_null) return out;
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      out.type = SqlType::int4;
      out.integer = constant.ival->ival;
      return out;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      out.type = SqlType::boolean;
      out.boolean = constant.boolval->boolval != 0;
      return out;
    case PG_QUERY__A__CONST__VAL_SVAL:
      out.text = keep(constant.sval->sval);
      return out;
    case PG_QUERY__A__CONST__VAL_FVAL: {
      const std::string_view digits = constant.fval->fval;
      if (digits.find_first_of(".eE") != std::string_view::npos) {
        return error(ErrorCode::wrong_type, constant.location,
                     fmt::format("{} is not a whole number", digits),
                     "Quantities are integers in the item's smallest unit.");
      }
      out.type = SqlType::int8;
      const auto [end, failed] =
          std::from_chars(digits.data(), digits.data() + digits.size(), out.integer);
      if (failed != std::errc{} || end != digits.data() + digits.size()) {
        return error(ErrorCode::out_of_range, constant.location,
                     fmt::format("value {} is out of range for type bigint", quoted(digits)));
      }
      return out;
    }
    default:
      return not_supported(constant.location, "this kind of literal");
  }
}

Result<Value> Planning::converted(const Value& value, SqlType type, std::string_view field,
                                  int location, SqlType also) {
  if (also != SqlType::unknown && value.type == also && !value.is_null) return value;
  auto out = convert(field, value, type, InputRules{});
  // A plan is shared by sessions of any time zone, so what depends on theirs stays as it is.
  if (type == SqlType::timestamptz && out.has_value() && !value.is_null &&
      !convert(field, value, type, InputRules{.time_zone_is_utc = false}).has_value()) {
    return value;
  }
  if (!out.has_value()) {
    Error why = std::move(out).error();
    if (why.code == ErrorCode::wrong_type && type == SqlType::text) {
      why.hint = also == SqlType::interval ? "Write an interval, as '10 minutes'." : "Quote it.";
    }
    return error(why.code, location, std::move(why.message), std::move(why.hint));
  }
  return out;
}

Result<Operand> Planning::operand(const PgQuery__Node& node, std::string_view field, SqlType type,
                                  SqlType also) {
  const Uncast inner = uncast(node);
  const int location = location_of(node);
  CastType cast;
  if (inner.type != nullptr) {
    cast = cast_type_of(*inner.type);
    const bool is_unknown_array = cast.is_array && cast.type == SqlType::unknown;
    if (inner.several || is_unknown_array) return not_supported(location, "this cast");
    if (cast.type == SqlType::unknown) {
      return error(ErrorCode::undefined_object, inner.type->location,
                   fmt::format("type \"{}\" does not exist", cast.name));
    }
    if (!can_convert(cast.type, type) && cast.type != also) {
      return error(ErrorCode::wrong_type, location,
                   fmt::format("{} is of type {}, but the value is of type {}", field,
                               name_of(type), name_of(cast.type)));
    }
  }
  if (inner.node->node_case == PG_QUERY__NODE__NODE_PARAM_REF) {
    const SqlType wanted = cast.type == SqlType::unknown ? type : cast.type;
    ASSIGN(Operand out, parameter(*inner.node->param_ref, wanted, field,
                                  cast.type == SqlType::unknown ? also : SqlType::unknown));
    if (wanted != type) out.via = wanted;
    return out;
  }
  if (inner.node->node_case != PG_QUERY__NODE__NODE_A_CONST) {
    return not_supported(location,
                         fmt::format("{}: anything but a constant or a parameter", field));
  }
  ASSIGN(Value value, literal(*inner.node->a_const));
  if (cast.type != SqlType::unknown) {
    ASSIGN(value, converted(value, cast.type, field, location, SqlType::unknown));
  }
  Operand out;
  ASSIGN(out.constant, converted(value, type, field, location, also));
  return out;
}

Result<Operand> Planning::compared(const PgQuery__Node& node, std::string_view field, SqlType type,
                                   const PgQuery__Node& whole) {
  auto out = operand(node, field, type);
  const PgQuery__Node& value = *uncast(node).node;
  const bool is_fraction = value.node_case == PG_QUERY__NODE__NODE_A_CONST &&
                           value.a_const->val_case == PG_QUERY__A__CONST__VAL_FVAL;
  if (out.has_value() || out.error().code != ErrorCode::wrong_type || is_fraction) return out;
  Error why = std::move(out).error();
  return error(ErrorCode::undefined_function, location_of(whole), std::move(why.message),
               std::move(why.hint));
}

Result<Operand> Planning::operand_of_own_type(const PgQuery__Node& node, SqlType& type) {
  const Uncast inner = uncast(node);
  type = SqlType::text;
  if (inner.type != nullptr) {
    type = cast_type_of(*inner.type).type;
    if (type == SqlType::unknown) type = SqlType::text;  // operand() says what is wrong with it
  } else if (inner.node->node_case == PG_QUERY__NODE__NODE_A_CONST) {
    ASSIGN(const Value value, literal(*inner.node->a_const));
    if (value.type != SqlType::unknown) type = value.type;
  } else if (inner.node->node_case == PG_QUERY__NODE__NODE_PARAM_REF) {
    const int number = inner.node->param_ref->number;
    if (number >= 1 && static_cast<std::size_t>(number) <= plan.parameters.size() &&
        plan.parameters[static_cast<std::size_t>(number) - 1] != SqlType::unknown) {
      type = plan.parameters[static_cast<std::size_t>(number) - 1];
    }
  }
  if (is_array(type)) return not_supported(location_of(node), "a column of an array type");
  return operand(node, "value", type);
}

Result<Operand> Planning::parameter(const PgQuery__ParamRef& reference, SqlType type,
                                    std::string_view field, SqlType also) {
  const bool is_one = takes_parameters_ && reference.number >= 1 &&
                      static_cast<std::size_t>(reference.number) <= parameters_max;
  if (!is_one) {
    return error(ErrorCode::undefined_parameter, reference.location,
                 fmt::format("there is no parameter ${}", reference.number));
  }
  const auto index = static_cast<std::size_t>(reference.number) - 1;
  if (index >= plan.parameters.size()) plan.parameters.resize(index + 1, SqlType::unknown);
  SqlType& known = plan.parameters[index];
  const bool is_also = also != SqlType::unknown && known == also;
  const bool fits = may_stand_for(index, type) || is_also;
  if (!fits) {
    return error(ErrorCode::wrong_type, reference.location,
                 fmt::format("{} is of type {}, but parameter ${} is of type {}", field,
                             name_of(type), reference.number, name_of(known)),
                 "Cast it, or let the server infer its type.");
  }
  if (known == SqlType::unknown) known = type;
  Operand out;
  out.from = Operand::From::parameter;
  out.parameter = static_cast<std::uint16_t>(index);
  return out;
}

bool Planning::may_stand_for(std::size_t parameter, SqlType type) const {
  const SqlType known = plan.parameters[parameter];
  const bool is_declared = parameter < declared_.size() && declared_[parameter] != SqlType::unknown;
  if (is_declared) return can_convert(known, type);
  return known == SqlType::unknown || known == type ||
         (known != SqlType::text && can_convert(known, type));
}

Status Planning::finish() {
  for (std::size_t index = 0; index < plan.parameters.size(); ++index) {
    if (plan.parameters[index] == SqlType::unknown) {
      return fail(ErrorCode::undetermined_type, "could not determine data type of parameter ${}",
                  index + 1);
    }
  }
  CHECK(plan.columns.size() == plan.sources.size());
  return {};
}

std::string_view name_of(std::span<PgQuery__Node* const> parts, std::string_view* schema) {
  if (parts.empty() || parts.size() > 2) return "";
  for (const PgQuery__Node* part : parts) {
    if (part->node_case != PG_QUERY__NODE__NODE_STRING) return "";
  }
  if (parts.size() == 2 && schema != nullptr) *schema = parts[0]->string->sval;
  return parts.back()->string->sval;
}

std::vector<const PgQuery__Node*> joined_by_and(const PgQuery__Node& condition) {
  const bool is_and = condition.node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                      condition.bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
  if (!is_and) return {&condition};
  std::vector<const PgQuery__Node*> out;
  for (const PgQuery__Node* part :
       std::span(condition.bool_expr->args, condition.bool_expr->n_args)) {
    std::ranges::copy(joined_by_and(*part), std::back_inserter(out));
  }
  return out;
}

int location_of(const PgQuery__Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
      return node.a_const->location;
    case PG_QUERY__NODE__NODE_PARAM_REF:
      return node.param_ref->location;
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      const int inner = location_of(*node.type_cast->arg);
      const int own = node.type_cast->location;
      return inner >= 0 && (own < 0 || inner < own) ? inner : own;
    }
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return node.column_ref->location;
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return node.func_call->location;
    case PG_QUERY__NODE__NODE_A_EXPR:
      return node.a_expr->location;
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return node.bool_expr->location;
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return node.sub_link->location;
    case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
      return node.named_arg_expr->location;
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return node.range_var->location;
    case PG_QUERY__NODE__NODE_RES_TARGET:
      return node.res_target->location;
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return node.sqlvalue_function->location;
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return node.a_array_expr->location;
    default:
      return -1;
  }
}

CastType cast_type_of(const PgQuery__TypeName& name) {
  struct Known {
    std::string_view name;
    SqlType type;
  };
  static constexpr Known known[] = {
      {"int2", SqlType::int2},         {"int4", SqlType::int4},
      {"int8", SqlType::int8},         {"bool", SqlType::boolean},
      {"text", SqlType::text},         {"varchar", SqlType::text},
      {"bpchar", SqlType::text},       {"name", SqlType::text},
      {"uuid", SqlType::uuid},         {"timestamptz", SqlType::timestamptz},
      {"interval", SqlType::interval}, {"jsonb", SqlType::jsonb},
      {"json", SqlType::jsonb}};
  std::string_view schema;
  CastType out;
  out.name = name_of({name.names, name.n_names}, &schema);
  out.is_array = name.n_array_bounds > 0;
  if (!schema.empty() && schema != "pg_catalog") return out;
  for (const Known& type : known) {
    if (type.name == out.name) out.type = out.is_array ? array_of(type.type) : type.type;
  }
  return out;
}

}  // namespace holdfast
