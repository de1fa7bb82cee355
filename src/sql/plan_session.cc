// SHOW, SET and RESET.
#include "sql/planning.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

tl::unexpected<Error> unknown_setting(const Planning& planning, std::string_view name) {
  if (name.starts_with("holdfast.")) {
    return planning.not_supported(-1, fmt::format("the setting \"{}\"", name));
  }
  return planning.error(ErrorCode::undefined_object, -1,
                        fmt::format("unrecognized configuration parameter \"{}\"", name));
}

// SET TIME ZONE 2; Sequelize: SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE. Written back as
// PostgreSQL does: <+02>-02.
Result<std::string> zone_of_minutes(std::int64_t minutes) {
  if (minutes < -24 * 60 || minutes > 24 * 60) {
    return fail(ErrorCode::invalid_value,
                "invalid value for parameter \"TimeZone\": {} minutes from UTC; a zone is at most "
                "1440 away",
                minutes);
  }
  const auto size = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  const std::string name = size % 60 == 0 ? fmt::format("{:02}", size / 60)
                                          : fmt::format("{:02}:{:02}", size / 60, size % 60);
  return minutes < 0 ? fmt::format("<-{0}>+{0}", name) : fmt::format("<+{0}>-{0}", name);
}

Result<std::string> zone_of_interval(std::string_view text) {
  ASSIGN(const Duration offset, parse_interval("TimeZone", text));
  return zone_of_minutes(offset.us() / 60'000'000);
}

bool is_whole_number(const PgQuery__Node& node) {
  return node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
         node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;
}

Result<std::string> text_of(const Planning& planning, const PgQuery__Node& node) {
  if (node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST &&
      cast_type_of(*node.type_cast->type_name).type == SqlType::interval &&
      node.type_cast->arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
      node.type_cast->arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
    return zone_of_interval(node.type_cast->arg->a_const->sval->sval);
  }
  if (node.node_case == PG_QUERY__NODE__NODE_A_CONST) {
    const PgQuery__AConst& constant = *node.a_const;
    switch (constant.val_case) {
      case PG_QUERY__A__CONST__VAL_SVAL:
        return std::string(constant.sval->sval);
      case PG_QUERY__A__CONST__VAL_IVAL:
        return std::to_string(constant.ival->ival);
      case PG_QUERY__A__CONST__VAL_FVAL:
        return std::string(constant.fval->fval);
      default:
        break;
    }
  }
  return planning.not_supported(location_of(node), "this value of a setting");
}

// SET [SESSION CHARACTERISTICS AS] TRANSACTION …
Status plan_set_transaction(Planning& planning, const PgQuery__VariableSetStmt& set) {
  ASSIGN(const TransactionModes modes, transaction_modes({set.args, set.n_args}));
  const bool is_session = std::string_view(set.name).starts_with("SESSION");
  planning.plan.body = ModesPlan{.modes = modes, .is_session = is_session};
  return {};
}

}  // namespace

Status plan_show(Planning& planning, const PgQuery__VariableShowStmt& show) {
  planning.plan.tag = "SHOW";
  const std::string_view name = show.name;
  planning.plan.sources.push_back(0);
  if (name == "all") {
    planning.plan.body = ShowAllPlan{};
    planning.plan.columns = {{"name", SqlType::text}, {"setting", SqlType::text}};
    planning.plan.sources.push_back(1);
    return {};
  }
  if (name == seq_setting) {
    planning.plan.body = ShowPlan{};
    planning.plan.columns.push_back({std::string(seq_setting), SqlType::text});
    return {};
  }
  if (name == turns_setting) {
    planning.plan.body = ShowTurnsPlan{};
    planning.plan.columns = {{"what", SqlType::text},
                             {"count", SqlType::int8},
                             {"longest_us", SqlType::int8},
                             {"processor_us", SqlType::int8},
                             {"below_us", SqlType::jsonb}};
    planning.plan.sources = {0, 1, 2, 3, 4};
    return {};
  }
  const SettingInfo* setting = find_setting(name);
  if (setting == nullptr) return unknown_setting(planning, name);
  planning.plan.body = ShowPlan{setting};
  planning.plan.columns.push_back({std::string(setting->name), SqlType::text});
  return {};
}

Status plan_set(Planning& planning, const PgQuery__VariableSetStmt& set) {
  const bool is_reset = set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ||
                        set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL;
  planning.plan.tag = is_reset ? "RESET" : "SET";
  if (set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL) {
    planning.plan.body = ResetAllPlan{};
    return {};
  }
  const std::string_view name = set.name;
  if (set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI) {
    if (name.starts_with("TRANSACTION") && !name.starts_with("TRANSACTION SNAPSHOT")) {
      return plan_set_transaction(planning, set);
    }
    if (name == "SESSION CHARACTERISTICS") return plan_set_transaction(planning, set);
    return planning.not_supported(-1, fmt::format("SET {}", name));
  }
  if (name == "role" || name == "session_authorization") {
    return planning.not_supported(-1, fmt::format("SET {}", name));
  }
  const SettingInfo* setting = find_setting(name);
  if (setting == nullptr) return unknown_setting(planning, name);
  const bool gives = set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
  if (setting->kind == SettingKind::said_once && gives && !set.is_local) {
    return planning.error(
        ErrorCode::invalid_value, -1,
        fmt::format("{} can be set in a transaction only", setting->name),
        fmt::format("Write SET LOCAL {} = …: it names one request.", setting->name));
  }
  SetPlan plan{.setting = setting, .value = {}};
  if (set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE) {
    std::string value;
    for (std::size_t index = 0; index < set.n_args; ++index) {
      const PgQuery__Node& node = *set.args[index];
      const bool is_hours = setting->kind == SettingKind::time_zone && is_whole_number(node);
      ASSIGN(const std::string part,
             is_hours ? zone_of_minutes(std::int64_t{node.a_const->ival->ival} * 60)
                      : text_of(planning, node));
      if (index > 0) value += ", ";
      value += part;
    }
    ASSIGN(plan.value, check_setting(*setting, value));
  } else if (set.kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT && !is_reset) {
    return planning.not_supported(-1, "SET … FROM CURRENT");
  }
  if (const auto modes = modes_of(*setting, plan.value.value_or(""))) {
    if (!plan.value) {
      return planning.error(ErrorCode::fixed_setting, -1,
                            fmt::format("parameter \"{}\" cannot be reset", setting->name));
    }
    planning.plan.body = ModesPlan{.modes = *modes};
    return {};
  }
  plan.is_local = set.is_local;
  planning.plan.body = std::move(plan);
  return {};
}

}  // namespace holdfast
