// INSERT, UPDATE, DELETE → commands, one line each: the command in short, or the error's code and a
// part of its text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sql/bind.h"
#include "sql/planner.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string place(std::string_view sku, std::string_view location, std::string_view lot) {
  std::string out(sku);
  if (!location.empty()) out += fmt::format(" {}", location);
  if (!lot.empty()) out += fmt::format(" lot {}", lot);
  return out;
}

struct Describe {
  void text(std::string_view name, const std::optional<std::string_view>& value) {
    if (value) out += fmt::format(" {}='{}'", name, *value);
  }
  void operator()(const DefineItem& body) {
    out = fmt::format("define_item {}", body.sku);
    text("title", body.title);
    text("brand", body.brand);
    text("attributes", body.attributes);
    if (body.price_minor) out += fmt::format(" price={}", *body.price_minor);
    if (body.barcodes) out += fmt::format(" barcodes={}", body.barcodes->size());
  }
  void operator()(const DefineLocation& body) {
    out = fmt::format("define_location {}", body.code);
    if (body.priority) out += fmt::format(" priority={}", *body.priority);
    if (body.active) out += fmt::format(" active={}", *body.active);
  }
  void operator()(const DefineChannel& body) {
    out = fmt::format("define_channel {}", body.code);
    if (body.locations) out += fmt::format(" locations={}", body.locations->size());
  }
  void operator()(const Receive& body) {
    out = fmt::format("receive {} {}", place(body.sku, body.location, body.lot),
                      body.quantity.units());
  }
  void operator()(const Adjust& body) {
    out = fmt::format("adjust {} {}", place(body.sku, body.location, body.lot), body.delta.units());
  }
  void operator()(const SetLevel& body) {
    out = fmt::format("set {} {}", place(body.sku, body.location, body.lot), body.on_hand.units());
  }
  void operator()(const ClaimUnits& body) {
    out = body.fulfil ? "claim and fulfil" : "claim";
    for (const LineRequest& line : body.lines) {
      out += fmt::format(" {} {}", place(line.sku, line.location, line.lot), line.quantity.units());
    }
    if (body.hold == HoldMode::timed)
      out += fmt::format(" for {} s", body.hold_for.us() / 1'000'000);
    if (!body.claim.is_none()) out += fmt::format(" as {}", body.claim.text().substr(32));
  }
  template <class Body>
  void operator()(const Body& body) {
    if constexpr (requires { body.claim; }) {
      out = fmt::format("{} {}", name_of(CommandBody(body)), body.claim.text().substr(32));
    } else {
      out = "another command";
    }
  }
  std::string out;
};

std::string describe(const Command& command) {
  Describe body;
  std::visit(body, command.body);
  std::string out = body.out;
  const Expectation& expected = command.expected;
  if (expected.existence == Existence::present) out += " if there";
  if (expected.existence == Existence::absent) out += " if not there";
  if (expected.state) out += fmt::format(" if {}", name_of(*expected.state));
  for (const Condition& condition : expected.conditions) {
    constexpr std::string_view signs[] = {"=", "<>", "<", "<=", ">", ">="};
    out += fmt::format(
        " if {} {} {}",
        condition.term ? term_names[static_cast<std::size_t>(*condition.term)] : "version",
        signs[static_cast<std::size_t>(condition.comparison)], condition.value);
  }
  if (!command.context.reason.empty()) out += fmt::format(" ({})", command.context.reason);
  return out;
}

Value int8(std::int64_t number) {
  return {.type = SqlType::int8, .is_null = false, .integer = number, .text = {}, .uuid = {}};
}

// All commands of a statement, divided by "; ", or its error.
std::string commands_of(std::string_view sql, const std::vector<Value>& values = {},
                        const CommandContext* context = nullptr) {
  const auto said = [](const Error& error) {
    return fmt::format("error {}: {}", static_cast<int>(error.code), error.message);
  };
  const auto plan = plan_statement(sql, {});
  if (!plan.has_value()) return said(plan.error());
  if (!std::holds_alternative<ChangePlan>((*plan)->body)) return "no change";
  std::string out;
  for (std::size_t row = 0; row < command_count(**plan); ++row) {
    CommandStorage storage;
    Command command;
    const Status bound = bind_command(
        **plan, row, {.values = values, .rules = {}, .actor = "tester", .context = context},
        storage, command);
    if (!bound.has_value()) return said(bound.error());
    if (row > 0) out += "; ";
    out += describe(command);
  }
  return out;
}

TEST(Change, IsACommand) {
  struct Line {
    std::string_view sql, commands;
  };
  for (const Line& line : std::initializer_list<Line>{
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'BER' AND "
            "available >= 1",
            "claim and fulfil A BER 1 if there if available >= 1"},
           {"UPDATE public.stock AS s SET on_hand = s.on_hand - 2 WHERE 'A' = s.sku AND "
            "s.location = 'BER' AND lot = 'L1' AND 1 < available",
            "claim and fulfil A BER lot L1 2 if there if available > 1"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'BER'",
            "adjust A BER -1 if there (sql)"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'BER' AND "
            "on_hand >= 1",
            "adjust A BER -1 if there if on_hand >= 1 (sql)"},
           {"UPDATE stock SET on_hand = on_hand - -3 WHERE sku = 'A' AND location = 'BER' AND "
            "available >= 1",
            "adjust A BER 3 if there if available >= 1 (sql)"},
           {"UPDATE stock SET on_hand = 3 + on_hand WHERE sku = 'A' AND location = 'BER'",
            "adjust A BER 3 if there (sql)"},
           {"UPDATE stock SET on_hand = 7 WHERE sku = 'A' AND location = 'BER' AND on_hand = 9",
            "set A BER 7 if there if on_hand = 9 (sql)"},
           {"UPDATE stock SET on_hand = 7 WHERE sku = 'A' AND location = 'BER' AND version = 12 "
            "RETURNING on_hand, version",
            "set A BER 7 if there if version = 12 (sql)"},
           {"UPDATE items SET title = 'Shoe', brand = NULL, price_minor = 100 WHERE sku = 'A'",
            "define_item A title='Shoe' brand='' price=100 if there"},
           {"UPDATE items SET barcodes = NULL, attributes = NULL WHERE sku = 'A' AND version = 3",
            "define_item A attributes='' barcodes=0 if there if version = 3"},
           {"UPDATE items SET title = DEFAULT WHERE sku = 'A'", "define_item A title='' if there"},
           {"UPDATE locations SET priority = DEFAULT, active = DEFAULT WHERE location = 'BER'",
            "define_location BER priority=100 active=true if there"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'BER' AND "
            "available >= NULL",
            "claim and fulfil A BER 1 if there if version = -1"},
           {"UPDATE locations SET active = false WHERE code = 'BER'",
            "define_location BER active=false if there"},
           {"UPDATE channels SET locations = '[\"BER\"]' WHERE channel = 'web'",
            "define_channel web locations=1 if there"},
           {"UPDATE claims SET state = 'committed' WHERE claim_id = "
            "'0193a000-0000-7000-8000-000000000001' AND state = 'held'",
            "confirm 0001 if there if held"},
           {"UPDATE claims SET state = 'released' WHERE id = "
            "'0193a000-0000-7000-8000-000000000001'",
            "release 0001 if there"},
           {"DELETE FROM claims WHERE claim_id = '0193a000-0000-7000-8000-000000000001'",
            "release 0001 if there"},
           {"INSERT INTO items (sku, title, brand) VALUES ('A', 'Shoe', NULL), ('B', DEFAULT, 'X')",
            "define_item A title='Shoe' if not there; define_item B brand='X' if not there"},
           {"INSERT INTO items (sku, title) VALUES ('A', 'Shoe') ON CONFLICT (sku) DO UPDATE SET "
            "title = EXCLUDED.title, sku = excluded.sku",
            "define_item A title='Shoe'"},
           {"INSERT INTO items (sku) VALUES ('A') ON CONFLICT DO NOTHING",
            "define_item A if not there"},
           {"INSERT INTO locations (location, priority) VALUES ('BER', 1) ON CONFLICT ON "
            "CONSTRAINT locations_pkey DO NOTHING",
            "define_location BER priority=1 if not there"},
           {"INSERT INTO stock (sku, location, on_hand) VALUES ('A', 'BER', 10)",
            "set A BER 10 if not there (sql)"},
           {"INSERT INTO stock (sku) VALUES ('A')", "set A 0 if not there (sql)"},
           {"INSERT INTO stock (sku, location, on_hand) VALUES ('A', 'BER', 10) ON CONFLICT (sku, "
            "location) DO UPDATE SET on_hand = stock.on_hand + EXCLUDED.on_hand",
            "receive A BER 10"},
           {"INSERT INTO claims (sku, quantity, hold_for, id) VALUES ('A', 2, '10 minutes', "
            "'0193a000-0000-7000-8000-000000000001') RETURNING claim_id, state, available",
            "claim A 2 for 600 s as 0001"},
       }) {
    EXPECT_EQ(commands_of(line.sql), line.commands) << line.sql;
  }
}

TEST(Change, TakesParametersWhereTheyStand) {
  const auto types = [](std::string_view sql) {
    const auto plan = plan_statement(sql, {});
    if (!plan.has_value()) return plan.error().message;
    std::string out;
    for (const SqlType type : (*plan)->parameters) {
      out += out.empty() ? "" : " ";
      out += std::to_string(static_cast<int>(type));
    }
    return out;
  };
  const auto numbers = [](std::initializer_list<SqlType> list) {
    std::string out;
    for (const SqlType type : list) {
      out += out.empty() ? "" : " ";
      out += std::to_string(static_cast<int>(type));
    }
    return out;
  };
  using enum SqlType;
  EXPECT_EQ(types("UPDATE stock SET on_hand = on_hand - $1 WHERE sku = $2 AND location = $3 AND "
                  "available >= $1"),
            numbers({SqlType::int8, text, text}));
  EXPECT_EQ(types("INSERT INTO items (sku, attributes, scale) VALUES ($1, $2, $3)"),
            numbers({text, jsonb, int4}));
  EXPECT_EQ(types("UPDATE claims SET state = $1 WHERE claim_id = $2"), numbers({text, uuid}));
  // The sign decides at execution whether units leave.
  const char* guarded =
      "UPDATE stock SET on_hand = on_hand + $1 WHERE sku = 'A' AND location = 'BER' AND available "
      ">= 1";
  EXPECT_EQ(commands_of(guarded, {holdfast::int8(-2)}),
            "claim and fulfil A BER 2 if there if available >= 1");
  EXPECT_EQ(commands_of(guarded, {holdfast::int8(2)}),
            "adjust A BER 2 if there if available >= 1 (sql)");
  EXPECT_THAT(commands_of(guarded, {holdfast::int8(0)}), HasSubstr("must change by at least 1"));
  EXPECT_THAT(
      commands_of(guarded, {holdfast::int8(std::numeric_limits<std::int64_t>::min())}),
      HasSubstr("on_hand must change by at most 9007199254740991, got -9223372036854775808"));
}

TEST(Change, CarriesWhatTheSessionSays) {
  const CommandContext session{.actor = {},
                               .request_id = "r-1",
                               .reference = "po:7",
                               .reason = "restock",
                               .customer = {},
                               .channel = {},
                               .occurred_at = {}};
  EXPECT_EQ(commands_of("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'A' AND location = 'B'",
                        {}, &session),
            "adjust A B 1 if there (restock)");
  const auto plan = plan_statement("INSERT INTO items (sku) VALUES ('A'), ('B')", {});
  CommandStorage storage;
  Command command;
  const Binding binding{.values = {}, .rules = {}, .actor = "tester", .context = &session};
  ASSERT_TRUE(bind_command(**plan, 1, binding, storage, command).has_value());
  EXPECT_EQ(command.context.request_id, "r-1/2");
  EXPECT_EQ(command.context.reference, "po:7");
  EXPECT_EQ(command.context.actor, "tester");
}

TEST(Change, SaysWhatItDoesNotDo) {
  struct Line {
    std::string_view sql;
    ErrorCode code;
    std::string_view message;
  };
  using enum ErrorCode;
  for (const Line& line : std::initializer_list<Line>{
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A'", not_supported,
            "changing stock without WHERE location = … is not supported"},
           {"UPDATE stock SET on_hand = on_hand - 1", not_supported, "without WHERE sku = …"},
           {"UPDATE stock SET on_hand = 5 WHERE sku = 'A' AND location = 'B'", not_supported,
            "needs the old value or the version in WHERE"},
           {"UPDATE stock SET on_hand = 5 WHERE sku = 'A' AND location = 'B' AND on_hand >= 3",
            not_supported, "needs the old value or the version in WHERE"},
           {"UPDATE stock SET available = available - 1 WHERE sku = 'A' AND location = 'B'",
            not_supported, "column \"available\" of stock cannot be set"},
           {"UPDATE stock SET on_hand = on_hand * 2 WHERE sku = 'A' AND location = 'B'",
            not_supported, "other than a value, on_hand + n or on_hand - n"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' OR location = 'B'",
            not_supported, "a condition on stock other than column = value"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku > 'A' AND location = 'B'",
            not_supported, "a condition on stock other than"},
           {"UPDATE stock SET colour = 1 WHERE sku = 'A'", undefined_column,
            "column \"colour\" of relation \"stock\" does not exist"},
           {"UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND colour = 'B'",
            undefined_column, "column \"colour\" does not exist"},
           {"UPDATE stock SET on_hand = on_hand - 1, on_hand = 2 WHERE sku = 'A'", syntax_error,
            "multiple assignments to same column \"on_hand\""},
           {"UPDATE items SET sku = 'B' WHERE sku = 'A'", not_supported, "changing sku"},
           {"UPDATE items SET title = 'X' FROM stock WHERE sku = 'A'", not_supported,
            "UPDATE … FROM"},
           {"UPDATE claims SET expires_at = '2030-01-01' WHERE claim_id = $1", not_supported,
            "column \"expires_at\" of claims cannot be set"},
           {"UPDATE availability SET salable = 1 WHERE sku = 'A'", not_supported,
            "availability cannot be changed"},
           {"DELETE FROM items WHERE sku = 'A'", not_supported, "DELETE FROM items"},
           {"DELETE FROM claims", not_supported, "without WHERE claim_id = …"},
           {"INSERT INTO items VALUES ('A')", not_supported, "without a list of columns"},
           {"INSERT INTO items (sku) SELECT 'A'", not_supported, "INSERT … SELECT"},
           {"INSERT INTO items (sku, version) VALUES ('A', 1)", not_supported,
            "column \"version\" of items cannot be set"},
           {"INSERT INTO items (sku, sku) VALUES ('A', 'B')", duplicate_column,
            "column \"sku\" specified more than once"},
           {"INSERT INTO items (sku) VALUES ('A', 'B')", syntax_error,
            "INSERT has more expressions than target columns"},
           {"INSERT INTO items (sku, title) VALUES ('A')", syntax_error,
            "INSERT has more target columns than expressions"},
           {"INSERT INTO items (sku) VALUES ('A') ON CONFLICT (title) DO NOTHING",
            invalid_reference, "no unique or exclusion constraint matching"},
           {"INSERT INTO items (sku, title, brand) VALUES ('A', 'T', 'B') ON CONFLICT (sku) DO "
            "UPDATE SET title = excluded.title",
            not_supported, "for every column of the INSERT"},
           {"INSERT INTO items (sku, title) VALUES ('A', 'T') ON CONFLICT (sku) DO UPDATE SET "
            "title = 'other'",
            not_supported, "SET column = excluded.column"},
           {"INSERT INTO stock (sku, on_hand) VALUES ('A', 1) ON CONFLICT (sku, location) DO "
            "UPDATE SET on_hand = excluded.on_hand",
            not_supported, "SET on_hand = stock.on_hand + excluded.on_hand"},
           {"INSERT INTO shoes (sku) VALUES ('A')", undefined_relation,
            "relation \"shoes\" does not exist"},
           {"INSERT INTO items (sku) VALUES ('A') RETURNING colour", undefined_column,
            "column \"colour\" does not exist"},
           {"UPDATE items SET hold_max = NULL WHERE sku = 'A'", null_violation,
            "null value in column \"hold_max\" of relation \"items\" violates not-null"},
           {"INSERT INTO claims (quantity) VALUES (1)", null_violation,
            "null value in column \"sku\" of relation \"claims\" violates not-null"},
           {"INSERT INTO locations (title) VALUES ('Berlin')", null_violation,
            "null value in column \"location\" of relation \"locations\""},
           {"UPDATE stock SET on_hand = on_hand + NULL WHERE sku = 'A' AND location = 'B'",
            null_violation, "null value in column \"on_hand\" of relation \"stock\""},
           {"UPDATE stock SET on_hand = on_hand + 1 WHERE sku = NULL AND location = 'B'",
            null_not_allowed, "sku must not be null"},
           {"UPDATE stock SET on_hand = -1 WHERE sku = 'A' AND location = 'B' AND on_hand = 1",
            check_violation, "violates check constraint \"stock_available_nonneg\""},
           {"INSERT INTO stock (sku, on_hand) VALUES ('A', -1)", check_violation,
            "violates check constraint \"stock_available_nonneg\""},
           {"INSERT INTO stock (sku, on_hand) VALUES ('A', -1) ON CONFLICT (sku, location) DO "
            "UPDATE SET on_hand = stock.on_hand + excluded.on_hand",
            check_violation, "violates check constraint \"stock_available_nonneg\""},
           {"UPDATE items SET title = colour WHERE sku = 'A'", undefined_column,
            "column \"colour\" does not exist"},
           {"UPDATE stock SET on_hand = colour + 1 WHERE sku = 'A' AND location = 'B'",
            undefined_column, "column \"colour\" does not exist"},
           {"INSERT INTO items (sku) VALUES ('A') ON CONFLICT (colour) DO NOTHING",
            undefined_column, "column \"colour\" does not exist"},
           {"UPDATE items SET title = 'X' WHERE sku = 5", undefined_function,
            "sku is of type text, but the value is of type integer"},
           {"UPDATE stock SET on_hand = on_hand + true WHERE sku = 'A' AND location = 'B'",
            undefined_function, "on_hand is of type bigint, but the value is of type boolean"},
           {"UPDATE claims SET state = 'held' WHERE claim_id = "
            "'0193a000-0000-7000-8000-000000000001'",
            invalid_value, "state can be set to committed, fulfilled, cancelled or released"},
       }) {
    const std::string said = commands_of(line.sql);
    EXPECT_THAT(said, HasSubstr(fmt::format("error {}: ", static_cast<int>(line.code))))
        << line.sql;
    EXPECT_THAT(said, HasSubstr(std::string(line.message))) << line.sql;
  }
}

}  // namespace
}  // namespace holdfast
