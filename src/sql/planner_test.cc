// Statement → meaning, one line each: the plan in short, or the error's code and a part of its
// text.
#include "sql/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sql/convert.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string describe(const Operand& operand) {
  if (operand.from == Operand::From::parameter) return fmt::format("${}", operand.parameter + 1);
  const Value& value = operand.constant;
  if (value.is_null) return "NULL";
  switch (value.type) {
    case SqlType::boolean:
      return value.boolean ? "true" : "false";
    case SqlType::int2:
    case SqlType::int4:
    case SqlType::int8:
    case SqlType::timestamptz:
    case SqlType::interval:
      return std::to_string(value.integer);
    case SqlType::uuid:
      return value.uuid.text();
    default:
      return fmt::format("'{}'", value.text);
  }
}

struct Describe {
  std::string operator()(const EmptyPlan&) const { return "empty"; }
  std::string operator()(const CommandPlan& plan) const {
    std::string out(info_of(plan.function).name);
    out += '(';
    for (const ArgumentSlot& slot : plan.arguments) {
      if (out.back() != '(') out += ", ";
      out += fmt::format("{}={}", info_of(slot.argument).name, describe(slot.operand));
    }
    return out + ')';
  }
  // What its rows become is in change_test.cc.
  std::string operator()(const ChangePlan& plan) const {
    return fmt::format("change {}", info_of(plan.relation).name);
  }
  std::string operator()(const CanClaimPlan& plan) const {
    return fmt::format("can_claim({}, {}, {})", describe(plan.sku), describe(plan.channel),
                       describe(plan.quantity));
  }
  std::string operator()(const LookupPlan& plan) const {
    const RelationInfo& info = info_of(plan.relation);
    std::string out(info.name);
    for (const LookupPlan::Key& key : plan.keys) {
      out += fmt::format(" {}{}", info.columns[key.column].name, key.is_array ? "=any" : "=");
      for (const Operand& operand : key.any_of) {
        if (out.back() != '=' && out.back() != 'y') out += '|';
        out += describe(operand);
      }
    }
    if (plan.limit) out += " limit " + describe(*plan.limit);
    if (!plan.locking.empty()) out += fmt::format(" {}", plan.locking);
    return out;
  }
  std::string operator()(const ConstantPlan& plan) const {
    std::string out = "row";
    for (const ConstantPlan::Cell& cell : plan.cells) {
      out += ' ';
      switch (cell.kind) {
        case ConstantPlan::Kind::operand:
          out += describe(cell.operand);
          break;
        case ConstantPlan::Kind::setting:
          out += cell.setting == nullptr ? seq_setting : cell.setting->name;
          break;
        case ConstantPlan::Kind::set_config:
          out += fmt::format("{}{}={}", cell.is_local ? "local " : "", cell.setting->name,
                             describe(cell.operand));
          break;
        case ConstantPlan::Kind::database:
          out += "database";
          break;
        case ConstantPlan::Kind::user:
          out += "user";
          break;
        case ConstantPlan::Kind::backend_pid:
          out += "pid";
          break;
      }
    }
    return out;
  }
  std::string operator()(const TypesPlan& plan) const {
    switch (plan.by) {
      case TypeQuestion::By::oid:
        return "types oid=" + describe(plan.key);
      case TypeQuestion::By::oids:
        return "types oid=any" + describe(plan.key);
      case TypeQuestion::By::name:
        return "types name=" + describe(plan.key);
      case TypeQuestion::By::arrays:
        return "arrays";
      case TypeQuestion::By::nothing:
        break;
    }
    return "no types";
  }
  std::string operator()(const ShowPlan& plan) const {
    return fmt::format("show {}", plan.setting == nullptr ? seq_setting : plan.setting->name);
  }
  std::string operator()(const ShowAllPlan&) const { return "show all"; }
  std::string operator()(const ShowTurnsPlan&) const { return "show turns"; }
  std::string operator()(const SetPlan& plan) const {
    return fmt::format("set {}{}={}", plan.is_local ? "local " : "", plan.setting->name,
                       plan.value.value_or("(initial)"));
  }
  std::string operator()(const ResetAllPlan&) const { return "reset all"; }
  std::string operator()(const DeallocatePlan& plan) const {
    return fmt::format("deallocate {}", plan.name.empty() ? "all" : plan.name);
  }
  std::string operator()(const DiscardAllPlan&) const { return "discard all"; }
  std::string operator()(const TransactionPlan& plan) const {
    constexpr std::array<std::string_view, 6> verbs = {"begin",     "commit",      "rollback",
                                                       "savepoint", "rollback to", "release"};
    return fmt::format("{}{}{}{}", verbs[static_cast<std::size_t>(plan.verb)],
                       plan.savepoint.empty() ? "" : " ", plan.savepoint, modes_text(plan.modes));
  }
  std::string operator()(const ModesPlan& plan) const {
    return fmt::format("{}{}", plan.is_session ? "session" : "transaction", modes_text(plan.modes));
  }
  static std::string modes_text(const TransactionModes& modes) {
    std::string out;
    if (modes.isolation) out += fmt::format(" {}", name_of(*modes.isolation));
    if (modes.read_only) out += *modes.read_only ? " read only" : " read write";
    return out;
  }
  std::string operator()(const NothingPlan&) const { return "nothing"; }
  std::string operator()(const RefusedPlan& plan) const { return plan.error.message; }
};

std::string columns_of(const Plan& plan) {
  std::string out;
  for (const Column& column : plan.columns) {
    if (!out.empty()) out += ' ';
    out += column.name;
  }
  return out;
}

std::string parameters_of(const Plan& plan) {
  std::string out;
  for (const SqlType type : plan.parameters) {
    if (!out.empty()) out += ", ";
    out += name_of(type);
  }
  return out;
}

PlanPtr planned(std::string_view sql, std::span<const SqlType> declared = {}) {
  auto plan = plan_statement(sql, declared);
  EXPECT_TRUE(plan.has_value()) << sql << "\n" << (plan ? "" : plan.error().message);
  return plan.has_value() ? *plan : std::make_shared<const Plan>(Plan{});
}

struct Meaning {
  std::string_view sql;
  std::string_view plan;
};

TEST(Planner, UnderstandsCommands) {
  const Meaning table[] = {
      {"SELECT * FROM claim('SKU-1', 1)", "claim(sku='SKU-1', quantity=1)"},
      {"select * from claim($1, $2);", "claim(sku=$1, quantity=$2)"},
      {"SELECT * FROM public.claim('A', '2')", "claim(sku='A', quantity=2)"},
      {"SELECT * FROM claim(sku => 'A', quantity => 2, channel => 'web', hold_for => '10 minutes', "
       "reference => 'cart:77', request_id => 'r')",
       "claim(sku='A', quantity=2, channel='web', hold_for='10 minutes', reference='cart:77', "
       "request_id='r')"},
      {"SELECT * FROM claim(sku := 'A', quantity := $1)", "claim(sku='A', quantity=$1)"},
      {"SELECT * FROM claim('A', 1, customer => NULL)", "claim(sku='A', quantity=1)"},
      {"SELECT * FROM claim('A', 1, hold_for => interval '1 hour')",
       "claim(sku='A', quantity=1, hold_for=3600000000)"},
      {"SELECT * FROM claim('A', 1, hold_for => 'default', partial => true)",
       "claim(sku='A', quantity=1, hold_for='default', partial=true)"},
      {"SELECT * FROM claim(lines => '[]')", "claim(lines='[]')"},
      {"SELECT * FROM claim(lines => $1::jsonb, claim_id => $2)", "claim(lines=$1, claim_id=$2)"},
      {"SELECT * FROM claim('A', 1, occurred_at => '2026-11-20T10:00:00Z')",
       "claim(sku='A', quantity=1, occurred_at=1795168800000000)"},
      {"SELECT * FROM confirm('00000000-0000-0000-0000-000000000001')",
       "confirm(claim_id=00000000-0000-0000-0000-000000000001)"},
      {"SELECT * FROM confirm($1, if_expired => 'reclaim', release_rest => 'yes')",
       "confirm(claim_id=$1, if_expired='reclaim', release_rest=true)"},
      {"SELECT * FROM extend($1, '10 min')", "extend(claim_id=$1, hold_for='10 min')"},
      {"SELECT * FROM amend($1, lines => $2)", "amend(claim_id=$1, lines=$2)"},
      {"SELECT * FROM release($1)", "release(claim_id=$1)"},
      {"SELECT * FROM cancel($1)", "cancel(claim_id=$1)"},
      {"SELECT * FROM fulfil($1)", "fulfil(claim_id=$1)"},
      {"SELECT * FROM receive('A', 5, 'BER')", "receive(sku='A', quantity=5, location='BER')"},
      {"SELECT * FROM adjust('A', -2, 'damaged')", "adjust(sku='A', delta=-2, reason='damaged')"},
      {"SELECT * FROM adjust('A', quantity => -2, reason => 'lost')",
       "adjust(sku='A', delta=-2, reason='lost')"},
      {"SELECT * FROM sale('A', 1)", "sale(sku='A', quantity=1)"},
      {"SELECT * FROM define_item('A', title => 'Shoe', price_minor => 1999, currency => 'EUR')",
       "define_item(sku='A', title='Shoe', price_minor=1999, currency='EUR')"},
      {"SELECT * FROM define_location('BER', priority => 1)",
       "define_location(code='BER', priority=1)"},
      {"SELECT * FROM define_channel('web', locations => '[\"BER\"]')",
       "define_channel(code='web', locations='[\"BER\"]')"},
      {"SELECT * FROM can_claim('SKU-1', 'web', 3)", "can_claim('SKU-1', 'web', 3)"},
      {"SELECT can_claim('SKU-1', 'web', 3)", "can_claim('SKU-1', 'web', 3)"},
      {"SELECT * FROM can_claim(sku => 'SKU-1', quantity => 3)", "can_claim('SKU-1', NULL, 3)"},
  };
  for (const Meaning& line : table) {
    EXPECT_EQ(std::visit(Describe{}, planned(line.sql)->body), line.plan) << line.sql;
  }
}

TEST(Planner, UnderstandsLookupsByKey) {
  const Meaning table[] = {
      {"SELECT * FROM stock WHERE sku = 'A'", "stock sku='A'"},
      {"SELECT * FROM stock WHERE location = $2 AND sku = $1", "stock sku=$1 location=$2"},
      {"SELECT * FROM public.stock s WHERE s.sku = $1 AND s.location = 'BER' AND s.lot = ''",
       "stock sku=$1 location='BER' lot=''"},
      {"SELECT * FROM stock WHERE 'A' = sku", "stock sku='A'"},
      {"SELECT * FROM stock WHERE sku IN ('A', $1)", "stock sku='A'|$1"},
      {"SELECT * FROM stock WHERE sku = ANY(ARRAY['A', 'B'])", "stock sku='A'|'B'"},
      {"SELECT * FROM stock WHERE sku = ANY($1)", "stock sku=any$1"},
      {"SELECT * FROM stock WHERE sku = ANY($1::text[]) LIMIT 5", "stock sku=any$1 limit 5"},
      {"SELECT * FROM availability WHERE sku = $1", "availability sku=$1"},
      {"SELECT * FROM availability WHERE sku = $1 AND channel = 'web' LIMIT $2",
       "availability sku=$1 channel='web' limit $2"},
      {"SELECT * FROM claims WHERE claim_id = $1", "claims claim_id=$1"},
      {"SELECT * FROM claims WHERE id = $1::uuid", "claims claim_id=$1"},
      {"SELECT * FROM items WHERE sku = 'A'", "items sku='A'"},
      {"SELECT * FROM locations", "locations"},
      {"SELECT * FROM locations WHERE code = 'BER'", "locations location='BER'"},
      {"SELECT * FROM channels WHERE channel = 'web'", "channels channel='web'"},
  };
  for (const Meaning& line : table) {
    EXPECT_EQ(std::visit(Describe{}, planned(line.sql)->body), line.plan) << line.sql;
  }
}

TEST(Planner, UnderstandsRowLocks) {
  for (const char* locking : {"FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE"}) {
    const auto plan = plan_statement(
        fmt::format("SELECT sku FROM stock s WHERE sku = 'A' {} OF s NOWAIT", locking), {});
    ASSERT_TRUE(plan.has_value()) << plan.error().message;
    EXPECT_EQ(std::get<LookupPlan>((*plan)->body).locking, locking);
  }
}

TEST(Planner, UnderstandsWhatClientsSayToASession) {
  const Meaning table[] = {
      {"", "empty"},
      {" ; ; ", "empty"},
      {"-- ping", "empty"},
      {"/* a /* nested */ comment */", "empty"},
      {"SELECT 1", "row 1"},
      {"SELECT 1+1 AS result", "row 2"},
      {"SELECT 'x', true, NULL, -5, 9223372036854775807",
       "row 'x' true NULL -5 9223372036854775807"},
      {"SELECT $1::int8", "row $1"},
      {"select pg_catalog.version()",
       "row 'PostgreSQL 15.18 (Holdfast 0.1.0) on "
       "x86_64-pc-linux-gnu, 64-bit'"},
      {"select current_schema()", "row 'public'"},
      {"SELECT * FROM current_schema()", "row 'public'"},
      {"SELECT current_database(), current_user, session_user", "row database user user"},
      {"SELECT pg_backend_pid()", "row pid"},
      {"SELECT current_setting('server_version_num')", "row server_version_num"},
      {"SELECT pg_advisory_unlock_all()", "row ''"},
      {"SHOW server_version", "show server_version"},
      {"show transaction isolation level", "show transaction_isolation"},
      {"SHOW TIME ZONE", "show TimeZone"},
      {"SHOW holdfast.seq", "show holdfast.seq"},
      {"SHOW holdfast.turns", "show turns"},
      {"SHOW ALL", "show all"},
      {"SET application_name = 'psql'", "set application_name=psql"},
      {"SET extra_float_digits = 3", "set extra_float_digits=3"},
      {"SET SESSION search_path TO 'public', x", "set search_path=public, x"},
      {"SET client_min_messages TO warning", "set client_min_messages=warning"},
      {"SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE", "set TimeZone=<+00>-00"},
      {"SET TIME ZONE 2", "set TimeZone=<+02>-02"},
      {"SET TIME ZONE 'Europe/Berlin'", "set TimeZone=Europe/Berlin"},
      {"SET client_encoding = 'utf-8'", "set client_encoding=UTF8"},
      {"SET datestyle TO iso, dmy", "set DateStyle=ISO, DMY"},
      {"SET statement_timeout = '5s'", "set statement_timeout=5s"},
      {"SET statement_timeout = ' 1.5 s '", "set statement_timeout=1500ms"},
      {"SET statement_timeout = 1.6", "set statement_timeout=2ms"},
      {"SET statement_timeout TO DEFAULT", "set statement_timeout=(initial)"},
      {"RESET application_name", "set application_name=(initial)"},
      {"RESET ALL", "reset all"},
      {"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
       "session read committed"},
      {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE, NOT DEFERRABLE",
       "transaction repeatable read read write"},
      {"SET transaction_isolation TO 'Serializable'", "transaction serializable"},
      {"SET LOCAL transaction_read_only = on", "transaction read only"},
      {"SET default_transaction_isolation = 'serializable'",
       "set default_transaction_isolation=serializable"},
      {"SET default_transaction_read_only = on", "set default_transaction_read_only=on"},
      {"SET LOCAL statement_timeout = 5", "set local statement_timeout=5ms"},
      {"BEGIN", "begin"},
      {"BEGIN WORK ISOLATION LEVEL READ COMMITTED READ WRITE", "begin read committed read write"},
      {"START TRANSACTION READ ONLY", "begin read only"},
      {"BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE", "begin serializable read write"},
      {"COMMIT", "commit"},
      {"END TRANSACTION", "commit"},
      {"ROLLBACK", "rollback"},
      {"ABORT", "rollback"},
      {"SAVEPOINT a", "savepoint a"},
      {"ROLLBACK TO SAVEPOINT a", "rollback to a"},
      {"RELEASE a", "release a"},
      {"DISCARD ALL", "discard all"},
      {"DEALLOCATE ALL", "deallocate all"},
      {"DEALLOCATE p_1", "deallocate p_1"},
      {"UNLISTEN *", "nothing"},
      {"CLOSE ALL", "nothing"},
  };
  for (const Meaning& line : table) {
    EXPECT_EQ(std::visit(Describe{}, planned(line.sql)->body), line.plan) << line.sql;
  }
}

// As postgres.js, psycopg2, psycopg 3 and JDBC write them.
TEST(Planner, KnowsTheQuestionsAboutTypesThatClientsAskByThemselves) {
  struct Question {
    std::string_view sql;
    std::string_view plan;
    std::string_view columns;
    std::string_view parameters;
  };
  const Question table[] = {
      {"\n      select b.oid, b.typarray\n      from pg_catalog.pg_type a\n      left join "
       "pg_catalog.pg_type b on b.oid = a.typelem\n      where a.typcategory = 'A'\n      group by "
       "b.oid, b.typarray\n      order by b.oid\n    ",
       "arrays", "oid typarray", ""},
      {"SELECT t.oid, typarray\nFROM pg_type t JOIN pg_namespace ns\n    ON typnamespace = ns.oid\n"
       "WHERE typname = 'hstore';\n",
       "no types", "oid typarray", ""},
      {"SELECT\n    typname AS name, oid, typarray AS array_oid,\n    oid::regtype::text AS "
       "regtype, "
       "typdelim AS delimiter\nFROM pg_type t\nWHERE t.oid = $1::regtype\nORDER BY t.oid\n",
       "types name=$1", "name oid array_oid regtype delimiter", "text"},
      {"SELECT\n    typname AS name, oid, typarray AS array_oid,\n    oid::regtype::text AS "
       "regtype, "
       "typdelim AS delimiter\nFROM pg_type t\nWHERE t.oid = to_regtype($1)\nORDER BY t.oid\n",
       "types name=$1", "name oid array_oid regtype delimiter", "text"},
      {"SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM "
       "pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid "
       "= $1",
       "types oid=$1", "?column? nspname typname", "bigint"},
      {"SELECT pg_type.oid, typname   FROM pg_catalog.pg_type   LEFT   JOIN (select ns.oid as "
       "nspoid, ns.nspname, r.r           from pg_namespace as ns           join ( select s.r, "
       "(current_schemas(false))[s.r] as nspname                    from generate_series(1, "
       "array_upper(current_schemas(false), 1)) as s(r) ) as r          using ( nspname )        ) "
       "as sp     ON sp.nspoid = typnamespace  WHERE typname = $1  ORDER BY sp.r, pg_type.oid DESC "
       "LIMIT 1",
       "types name=$1", "oid typname", "text"},
      {"SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid  "
       " "
       "FROM pg_catalog.pg_type   LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r           "
       "from pg_namespace as ns           join ( select s.r, (current_schemas(false))[s.r] as "
       "nspname                    from generate_series(1, array_upper(current_schemas(false), 1)) "
       "as s(r) ) as r          using ( nspname )        ) as sp     ON sp.nspoid = typnamespace  "
       "WHERE pg_type.oid = $1  ORDER BY sp.r, pg_type.oid DESC",
       "types oid=$1", "is_array typtype typname oid", "bigint"},
  };
  for (const Question& line : table) {
    const PlanPtr plan = planned(line.sql);
    EXPECT_EQ(std::visit(Describe{}, plan->body), line.plan) << line.sql;
    EXPECT_EQ(columns_of(*plan), line.columns) << line.sql;
    EXPECT_EQ(parameters_of(*plan), line.parameters) << line.sql;
  }
  // Behind another statement, too; and nothing that only looks like one.
  const auto behind = plan_statements(fmt::format("SELECT 1;{}", table[1].sql));
  ASSERT_TRUE(behind.has_value()) << behind.error().message;
  EXPECT_EQ(std::visit(Describe{}, behind->back()->body), "no types");
  for (const char* sql : {"SELECT oid FROM pg_type",
                          "SELECT t.oid, typarray FROM pg_type t JOIN "
                          "pg_namespace ns ON typnamespace = ns.oid WHERE typname = 'citext'"}) {
    const auto refused = plan_statement(sql, {});
    ASSERT_FALSE(refused.has_value()) << sql;
    EXPECT_EQ(refused.error().code, ErrorCode::not_supported) << sql;
  }
}

TEST(Planner, KnowsTheTypesOfItsColumnsByName) {
  using enum SqlType;
  for (const SqlType type : {boolean, int2, int4, int8, text, uuid, timestamptz, interval, jsonb}) {
    const KnownType* known = find_type(name_of(type));
    ASSERT_NE(known, nullptr) << name_of(type);
    EXPECT_EQ(known, find_type(known->name));
    EXPECT_EQ(known, find_type(known->oid));
  }
  EXPECT_EQ(find_type("hstore"), nullptr);
  EXPECT_EQ(find_type(0), nullptr);
}

TEST(Planner, AnArrayIsOfItsColumnsTypeUnlessItIsSaid) {
  using enum SqlType;
  struct Line {
    std::string_view sql;
    std::vector<SqlType> declared;
    SqlType parameter;
  };
  const Line table[] = {
      {"SELECT * FROM stock WHERE sku = ANY($1)", {}, text_array},
      {"SELECT * FROM stock WHERE sku = ANY($1::varchar[])", {}, text_array},
      {"SELECT * FROM stock WHERE sku = ANY($1)", {text}, text},
      {"SELECT * FROM claims WHERE claim_id = ANY($1)", {}, uuid_array},
      {"SELECT * FROM claims WHERE claim_id = ANY($1::text[])", {}, text_array},
      {"SELECT * FROM claims WHERE claim_id = ANY($1)", {text_array}, text_array},
      {"SELECT * FROM define_item('A', barcodes => $1)", {}, jsonb},
      {"SELECT * FROM define_item('A', barcodes => $1)", {text_array}, text_array},
      {"SELECT * FROM define_item('A', barcodes => $1::text[])", {}, text_array},
      {"UPDATE channels SET locations = $1 WHERE channel = 'web'", {text_array}, text_array},
      {"SELECT 1", {int8_array}, int8_array},
  };
  for (const Line& line : table) {
    const auto plan = plan_statement(line.sql, line.declared);
    ASSERT_TRUE(plan.has_value()) << line.sql << plan.error().message;
    EXPECT_EQ((*plan)->parameters[0], line.parameter) << line.sql;
  }
  const auto refused = [](std::string_view sql, SqlType declared) {
    const auto plan = plan_statement(sql, std::span(&declared, 1));
    return plan ? ""
                : fmt::format("{} {}", static_cast<int>(plan.error().code), plan.error().message);
  };
  const auto says = [](ErrorCode code, std::string_view message) {
    return fmt::format("{} {}", static_cast<int>(code), message);
  };
  EXPECT_EQ(refused("SELECT * FROM stock WHERE sku = ANY($1)", int8_array),
            says(ErrorCode::undefined_function,
                 "sku is of type text[], but parameter $1 is of type bigint[]"));
  EXPECT_EQ(refused("SELECT * FROM stock WHERE sku = $1", text_array),
            says(ErrorCode::undefined_function,
                 "sku is of type text, but parameter $1 is of type text[]"));
  EXPECT_EQ(
      refused("SELECT * FROM define_item('A', barcodes => $1)", uuid_array),
      says(ErrorCode::wrong_type, "barcodes is of type jsonb, but parameter $1 is of type uuid[]"));
  EXPECT_EQ(refused("SELECT $1", text_array),
            says(ErrorCode::not_supported, "a column of an array type is not supported"));
}

struct Mistake {
  std::string_view sql;
  ErrorCode code;
  std::string_view message;
  int position = 0;
};

TEST(Planner, SaysWhatIsWrong) {
  using enum ErrorCode;
  const Mistake table[] = {
      {"SELECT * FORM stock", syntax_error, "syntax error at or near \"FORM\"", 10},
      {"SELECT 'ü' FROM x y z", syntax_error, "syntax error at or near \"z\"", 21},
      {"SELECT 1; SELECT 2", syntax_error, "multiple commands"},
      {"SELECT * FROM foo", undefined_relation, "relation \"foo\" does not exist", 15},
      {"SELECT * FROM x.stock WHERE sku = 'A'", undefined_relation, "x.stock"},
      {"SELECT nope FROM stock WHERE sku = 'A'", undefined_column, "column \"nope\"", 8},
      {"SELECT * FROM stock WHERE nope = 'A'", undefined_column, "column \"nope\"", 27},
      {"SELECT t.sku FROM stock WHERE sku = 'A'", undefined_relation, "FROM-clause entry"},
      {"SELECT nope FROM claim('A', 1)", undefined_column, "column \"nope\""},
      {"SELECT * FROM klaim('A', 1)", undefined_function, "function klaim() does not exist"},
      {"SELECT * FROM claim()", undefined_function, "claim needs the argument sku"},
      {"SELECT * FROM claim('A')", undefined_function, "claim needs the argument quantity"},
      {"SELECT * FROM claim('A', 1, nope => 2)", undefined_function, "claim has no argument nope"},
      {"SELECT * FROM can_claim('A')", undefined_function, "needs the argument quantity"},
      {"SELECT now()", not_supported, "the function now() is not supported"},
      {"SELECT nonsense()", undefined_function, "function nonsense() does not exist"},
      {"SELECT * FROM stock WHERE sku = 'B' AND lot = 'L1'", not_supported,
       "without WHERE location = …"},
      {"SELECT * FROM can_claim('A', 'web', 3, 4)", undefined_function, "at most 3 arguments"},
      {"SELECT * FROM claim('A', 1, sku => 'B')", syntax_error, "\"sku\" used more than once"},
      {"SELECT * FROM claim(sku => 'A', 1)", syntax_error, "positional argument cannot follow"},
      {"SELECT * FROM claim('A', 1, lines => '[]')", invalid_value, "either sku or lines"},
      {"SELECT * FROM claim(1, 1)", wrong_type, "sku is of type text, but the value", 21},
      {"SELECT * FROM claim('A', 1.5)", wrong_type, "1.5 is not a whole number", 26},
      {"SELECT * FROM claim('A', true)", wrong_type, "quantity is of type bigint"},
      {"SELECT * FROM claim('A', 'abc')", invalid_text, "invalid input syntax for type bigint", 26},
      {"SELECT * FROM claim('A', 9223372036854775808)", out_of_range, "bigint", 26},
      {"SELECT * FROM claim('A', '9223372036854775808')", out_of_range, "bigint", 26},
      {"SELECT * FROM claim('A', $1::jsonb)", wrong_type, "jsonb"},
      {"SELECT * FROM claim('A', $1::money)", undefined_object, "type \"money\""},
      {"SELECT * FROM claim('A', 1 + 1)", not_supported, "anything but a constant"},
      {"SELECT * FROM claim($1, $1)", wrong_type, "parameter $1 is of type text"},
      {"SELECT $2::text", undetermined_type, "data type of parameter $1"},
      {"SELECT $0", undefined_parameter, "there is no parameter $0"},
      {"SELECT * FROM confirm('x')", invalid_text, "type uuid"},
      {"SELECT claim('A', 1)", not_supported, "claim() in the select list"},
      {"SELECT * FROM claim('A', 1) WHERE granted", not_supported, "WHERE on the row of claim()"},
      {"SELECT * FROM claim('A', 1) LIMIT 1", not_supported, "LIMIT on the row of claim()"},
      {"SELECT granted, available + 1 FROM claim('A', 1)", not_supported, "an expression"},
      {"SELECT * FROM stock", not_supported, "reading stock without WHERE sku"},
      {"SELECT * FROM stock WHERE location = 'BER'", not_supported, "without WHERE sku"},
      {"SELECT * FROM stock WHERE sku > 'A'", not_supported, "a condition on stock other than"},
      {"SELECT * FROM stock WHERE sku = 'A' OR sku = 'B'", not_supported, "a condition on stock"},
      {"SELECT * FROM stock WHERE sku = 'A' AND on_hand = 3", not_supported, "a condition on"},
      {"SELECT * FROM stock WHERE sku = 'A' AND sku = 'B'", not_supported,
       "a second condition on sku"},
      {"SELECT * FROM stock WHERE sku = 'A' ORDER BY sku", not_supported, "ORDER BY on stock"},
      {"SELECT count(*) FROM stock WHERE sku = 'A'", not_supported, "an expression"},
      {"SELECT * FROM claims WHERE claim_id = 'x'", invalid_text, "type uuid"},
      {"SELECT * FROM ledger", not_supported, "reading ledger"},
      {"SELECT * FROM pg_class", not_supported, "the system catalogue (pg_class)"},
      {"SELECT * FROM stock JOIN items USING (sku)", not_supported, "JOIN"},
      {"SELECT * FROM stock, items", not_supported, "more than one FROM item"},
      {"SELECT 1 UNION SELECT 2", not_supported, "UNION"},
      {"WITH x AS (SELECT 1) SELECT 1", not_supported, "WITH"},
      {"SELECT * FROM stock WHERE sku = 'A' FOR UPDATE SKIP LOCKED", not_supported, "SKIP LOCKED"},
      {"SELECT * FROM stock s WHERE sku = 'A' FOR UPDATE OF stock", undefined_relation,
       "relation \"stock\" in FOR UPDATE clause not found in FROM clause"},
      {"SELECT * FROM claim('A', 1) FOR UPDATE", not_supported, "FOR UPDATE or FOR SHARE"},
      {"SELECT 1 FOR SHARE", not_supported, "FOR UPDATE or FOR SHARE"},
      {"VALUES (1)", not_supported, "VALUES"},
      {"SET default_transaction_isolation = 'snapshot'", invalid_value,
       "invalid value for parameter \"default_transaction_isolation\": \"snapshot\""},
      {"SET statement_timeout = '1.5 S'", invalid_value,
       "parameter \"statement_timeout\": \"1.5 S\""},
      {"SET statement_timeout = '1,5 s'", invalid_value, "parameter \"statement_timeout\""},
      {"SET statement_timeout = -1", invalid_value, "-1 is outside the valid range"},
      {"SET statement_timeout = '25 d'", invalid_value, "(0 .. 2147483647 ms)"},
      {"SET statement_timeout = '1e999'", invalid_value, "is outside the valid range"},
      {"SET TimeZone = 444444444", invalid_value, "26666666640 minutes from UTC"},
      {"SET TIME ZONE -25", invalid_value, "-1500 minutes from UTC; a zone is at most 1440 away"},
      {"RESET transaction_isolation", fixed_setting, "cannot be reset"},
      {"COMMIT AND CHAIN", not_supported, "AND CHAIN"},
      {"PREPARE TRANSACTION 'x'", not_supported, "a prepared transaction"},
      {"CREATE TABLE t (a int)", not_supported, "CREATE is not supported"},
      {"update stock set on_hand = 1", not_supported, "changing stock without WHERE sku"},
      {"COPY availability TO STDOUT", not_supported, "COPY of all of availability"},
      {"COPY (SELECT * FROM availability) TO STDOUT", not_supported, "all of availability"},
      {"COPY ledger TO STDOUT", not_supported, "reading ledger"},
      {"COPY shoes TO STDOUT", undefined_relation, "relation \"shoes\""},
      {"COPY stock (colour) TO STDOUT", undefined_column, "column \"colour\" of relation"},
      {"COPY stock (sku, sku) TO STDOUT", duplicate_column, "more than once"},
      {"COPY stock TO '/tmp/x'", not_supported, "file or program"},
      {"COPY stock TO PROGRAM 'cat'", not_supported, "file or program"},
      {"COPY (INSERT INTO items (sku) VALUES ('A') RETURNING sku) TO STDOUT", not_supported,
       "other than SELECT"},
      {"COPY (SELECT sku FROM stock ORDER BY sku) TO STDOUT", not_supported, "ORDER BY"},
      {"COPY stock TO STDOUT (FORCE_QUOTE *)", not_supported, "only in CSV mode"},
      {"COPY stock (sku) TO STDOUT (FORMAT csv, FORCE_QUOTE (lot))", invalid_reference,
       "not referenced by COPY"},
      {"COPY stock FROM STDIN (FORMAT csv, FORCE_QUOTE *)", not_supported, "only available using"},
      {"COPY stock TO STDOUT (FORMAT binary, HEADER)", not_supported, "HEADER in BINARY mode"},
      {"COPY stock TO STDOUT (NULL 'a\tb')", not_supported, "delimiter must not appear"},
      {"COPY stock TO STDOUT (FORMAT csv, NULL '\"')", not_supported, "CSV quote character"},
      {"COPY stock TO STDOUT (NULL E'\\n')", invalid_value, "cannot use newline"},
      {"LISTEN x", not_supported, "LISTEN is not supported"},
      {"SHOW nope", undefined_object, "unrecognized configuration parameter \"nope\""},
      {"SET nope = 1", undefined_object, "unrecognized configuration parameter"},
      {"SET holdfast.as_of = '2026-01-01'", not_supported, "holdfast.as_of"},
      {"SET client_encoding = 'LATIN1'", invalid_value, "client_encoding"},
      {"SET standard_conforming_strings = off", not_supported, "can only be on"},
      {"SET server_version = '16'", fixed_setting, "cannot be changed"},
      {"SET DateStyle = 'German'", invalid_value, "DateStyle"},
      {"SET IntervalStyle = 'iso_8601'", invalid_value, "IntervalStyle"},
      {"SELECT x", undefined_column, "column \"x\""},
      {"SELECT *", syntax_error, "no tables specified"},
  };
  for (const Mistake& line : table) {
    const auto plan = plan_statement(line.sql, {});
    if (plan.has_value()) {
      ADD_FAILURE() << line.sql << "\nplanned as " << std::visit(Describe{}, (*plan)->body);
      continue;
    }
    const Error& error = plan.error();
    EXPECT_EQ(static_cast<int>(error.code), static_cast<int>(line.code)) << line.sql << "\n"
                                                                         << error.message;
    EXPECT_THAT(error.message, HasSubstr(std::string(line.message))) << line.sql;
    if (line.position != 0) {
      EXPECT_EQ(error.position, line.position) << line.sql;
    }
    if (error.code == undefined_function && line.message.starts_with("claim")) {
      EXPECT_THAT(error.hint, HasSubstr("claim(sku text, quantity bigint")) << line.sql;
    }
  }
}

TEST(Planner, SaysWhatWasProbablyMeant) {
  for (const auto& [sql, hint] : std::initializer_list<std::pair<const char*, const char*>>{
           {"SELECT * FROM recieve('A', 1)", "Did you mean receive?"},
           {"SELECT * FROM fulfill('A')", "Did you mean fulfil?"},
           {"SELECT * FROM stocks WHERE sku = 'A'", "Did you mean stock?"},
           {"SELECT * FROM carts", "The relations are stock, "},
           {"SELECT * FROM purchase('A', 1)", "The functions are claim, "},
           {"SELECT * FROM claim('A', 1, hold_for => 10)", "Write an interval, as '10 minutes'."},
       }) {
    const auto plan = plan_statement(sql, {});
    ASSERT_FALSE(plan.has_value()) << sql;
    EXPECT_THAT(plan.error().hint, HasSubstr(hint)) << sql;
  }
}

TEST(Planner, InfersParametersFromTheirPlaces) {
  struct Inference {
    std::string_view sql;
    std::vector<SqlType> declared;
    std::string_view types;
  };
  using enum SqlType;
  const Inference table[] = {
      {"SELECT * FROM claim($1, $2)", {}, "text, bigint"},
      {"SELECT * FROM claim($2, $1)", {}, "bigint, text"},
      {"SELECT * FROM claim($1, $2)", {unknown, int2}, "text, smallint"},
      {"SELECT * FROM claim($1, $2)", {text, text}, "text, text"},
      {"SELECT * FROM claim($1, $2::int)", {}, "text, integer"},
      {"SELECT * FROM claim($1, $2, hold_for => $3)", {}, "text, bigint, text"},
      {"SELECT * FROM claim($1, $2, hold_for => $3)",
       {text, int8, interval},
       "text, bigint, interval"},
      {"SELECT * FROM claim($1, $2, hold_for => $3::interval)", {}, "text, bigint, interval"},
      {"SELECT * FROM claim(lines => $1, partial => $2, occurred_at => $3, claim_id => $4)",
       {},
       "jsonb, boolean, timestamp with time zone, uuid"},
      {"SELECT * FROM confirm($1, lines => $2)", {}, "uuid, jsonb"},
      {"SELECT * FROM define_item($1, scale => $2, price_minor => $3)",
       {},
       "text, integer, bigint"},
      {"SELECT * FROM stock WHERE sku = $1 LIMIT $2", {}, "text, bigint"},
      {"SELECT * FROM claims WHERE claim_id IN ($1, $2)", {}, "uuid, uuid"},
      {"SELECT $1", {}, "text"},
      {"SELECT $1, $2::uuid", {int4}, "integer, uuid"},
  };
  for (const Inference& line : table) {
    EXPECT_EQ(parameters_of(*planned(line.sql, line.declared)), line.types) << line.sql;
  }
  const SqlType declared[] = {boolean};
  const auto refused = plan_statement("SELECT * FROM claim('A', $1)", declared);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::wrong_type);
}

TEST(Planner, LabelsColumnsAsPostgresDoes) {
  const Meaning table[] = {
      {"SELECT * FROM claim('A', 1)",
       "granted outcome claim_id state expires_at available seq replayed lines message"},
      {"SELECT claim_id, c.granted AS ok FROM claim('A', 1) AS c", "claim_id ok"},
      {"SELECT claim.*, seq FROM release($1) AS claim",
       "outcome claim_id state expires_at seq replayed lines message seq"},
      {"SELECT available FROM stock WHERE sku = 'A'", "available"},
      {"SELECT stock.sku, public.stock.lot FROM stock WHERE sku = 'A'", "sku lot"},
      {"SELECT 1, 'x', version(), 1::int8, $1::text, current_user, true",
       "?column? ?column? version int8 text current_user ?column?"},
      {"SELECT 1 AS one", "one"},
      {"SHOW transaction isolation level", "transaction_isolation"},
      {"SHOW timezone", "TimeZone"},
      {"SET application_name = 'x'", ""},
  };
  for (const Meaning& line : table) {
    EXPECT_EQ(columns_of(*planned(line.sql)), line.plan) << line.sql;
  }
}

TEST(Planner, PlansEveryStatementOfASimpleQuery) {
  const auto plans = plan_statements(
      "SET client_min_messages TO warning;;SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE; -- x");
  ASSERT_TRUE(plans.has_value()) << plans.error().message;
  ASSERT_EQ(plans->size(), 2u);
  EXPECT_EQ((*plans)[0]->tag, "SET");
  const auto reset =
      plan_statements("SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;");
  ASSERT_TRUE(reset.has_value()) << reset.error().message;
  EXPECT_EQ(reset->size(), 4u);
  EXPECT_TRUE(plan_statements("  -- nothing\n;")->empty());

  const auto syntax = plan_statements("SELECT 1; SELEC");
  ASSERT_FALSE(syntax.has_value());
  EXPECT_EQ(syntax.error().position, 11);
}

TEST(Planner, RefusesAStatementOfASimpleQueryAtItsTurn) {
  const auto refused = [](std::string_view sql) {
    const auto plans = plan_statements(sql);
    EXPECT_TRUE(plans.has_value()) << sql;
    EXPECT_EQ(plans->size(), 2u) << sql;
    return std::get<RefusedPlan>(plans->back()->body).error;
  };
  EXPECT_EQ(refused("SELECT 1; SELECT * FROM nope; SELECT 2").position, 25);
  const Error parameter = refused("SELECT 1; SELECT $2::text");
  EXPECT_EQ(parameter.code, ErrorCode::undefined_parameter);
  EXPECT_EQ(parameter.position, 18);
}

}  // namespace
}  // namespace holdfast
