// SQL through a session: prepare once per shape, run, read the row back by column name.
#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "sim/door.h"
#include "sim/sql_text.h"

namespace holdfast {
namespace {

template <class Enum, std::size_t count>
std::optional<Enum> by_name(const std::array<std::string_view, count>& names,
                            std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return {};
  return static_cast<Enum>(found - names.begin());
}

struct Cell {
  bool is_null = true;
  std::int64_t integer = 0;  // also booleans
  std::string text;
  ClaimId uuid;
  Timestamp at;
};

// One row by the names of its columns.
using Row = std::map<std::string, Cell>;

Quantity quantity_of(const Row& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? Quantity() : Quantity(found->second.integer);
}
Seq seq_of(const Row& row, const std::string& column) {
  return Seq(static_cast<std::uint64_t>(quantity_of(row, column).units()));
}
const Cell* cell_of(const Row& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() || found->second.is_null ? nullptr : &found->second;
}

class Asked final : public RowSink, public ExecutionListener {
 public:
  Asked(const Operation& operation, std::size_t attempt, ReplyTaker& taker,
        const std::vector<std::string>& locations)
      : operation_(operation), attempt_(attempt), taker_(taker), locations_(locations) {}

  void expect(const StatementPtr& statement) { statement_ = statement; }
  void expect_no_rows() { speaks_of_session_ = true; }

  void begin_row(std::size_t cells) override {
    CHECK(cells == statement_->columns().size());
    rows_.emplace_back();
    column_ = 0;
  }
  void null() override { next(true); }
  void boolean(bool value) override { next(false).integer = value ? 1 : 0; }
  void integer(std::int64_t value) override { next(false).integer = value; }
  void text(std::string_view value) override { next(false).text = value; }
  void uuid(const ClaimId& value) override { next(false).uuid = value; }
  void timestamp(Timestamp value) override { next(false).at = value; }
  void end_row() override { CHECK(column_ == statement_->columns().size()); }

  void finished(Execution& execution) noexcept override {
    finished_ = &execution;
    tag_ = execution.tag();
    reply(execution.status());
  }
  void setting_changed(std::string_view, std::string_view) noexcept override {}
  void notice(const Error&) noexcept override {}

  void reply(const Status& status) {
    Reply reply;
    if (!status.has_value()) {
      reply = {.error = status.error().code, .message = status.error().message};
    } else if (speaks_of_session_) {
      reply.message = tag_;
    } else {
      read_rows(reply);
    }
    is_done = true;
    taker_.replied(attempt_, std::move(reply), false);
  }

  bool is_done = false;
  [[nodiscard]] Execution* finished() const { return finished_; }

 private:
  Cell& next(bool is_null) {
    Cell& cell = rows_.back()[statement_->columns()[column_].name];
    cell.is_null = is_null;
    ++column_;
    return cell;
  }
  void read_rows(Reply& reply) const;
  void read_answer(const Row& row, Reply& reply) const;
  void read_levels(Reply& reply) const;
  void read_claims(Reply& reply) const;

  const Operation operation_;
  const std::size_t attempt_;
  ReplyTaker& taker_;
  const std::vector<std::string>& locations_;
  StatementPtr statement_;
  bool speaks_of_session_ = false;
  std::string tag_;
  std::vector<Row> rows_;
  std::size_t column_ = 0;
  Execution* finished_ = nullptr;
};

void Asked::read_rows(Reply& reply) const {
  switch (operation_.verb) {
    case Verb::read_stock:
      return read_levels(reply);
    case Verb::read_claims:
      return read_claims(reply);
    case Verb::read_availability:
      for (const Row& row : rows_) {
        reply.salable.push_back({.sku = operation_.sku,
                                 .channel = std::string(default_channel),
                                 .available = quantity_of(row, "salable")});
        reply.seq = std::max(reply.seq, seq_of(row, "version"));
      }
      return;
    default:
      if (rows_.size() == 1) return read_answer(rows_[0], reply);
      reply = {.error = ErrorCode::internal,
               .message = fmt::format("a command returned {} rows", rows_.size())};
  }
}

void Asked::read_answer(const Row& row, Reply& reply) const {
  const Cell* outcome = cell_of(row, "outcome");
  const auto known = by_name<Outcome>(outcome_names, outcome == nullptr ? "" : outcome->text);
  if (!known) {
    reply = {.error = ErrorCode::internal, .message = "a command returned no outcome"};
    return;
  }
  reply.outcome = *known;
  reply.seq = seq_of(row, "seq");
  if (const Cell* cell = cell_of(row, "replayed")) reply.replayed = cell->integer != 0;
  if (const Cell* cell = cell_of(row, "claim_id")) reply.claim = cell->uuid;
  if (const Cell* cell = cell_of(row, "expires_at")) reply.expires_at = cell->at;
  const Cell* state = cell_of(row, "state");
  if (state != nullptr && !is_refusal(reply.outcome)) {
    reply.state = by_name<ClaimState>(claim_state_names, state->text);
  }
  if (const Cell* cell = cell_of(row, "available")) reply.available = Quantity(cell->integer);
}

void Asked::read_levels(Reply& reply) const {
  for (const std::string& code : locations_) {
    SeenLevel seen{.sku = operation_.sku, .location = code};
    for (const Row& row : rows_) {
      if (row.at("location").text != code) continue;
      for (std::size_t term = 0; term < term_count; ++term) {
        seen.quantities[static_cast<Term>(term)] = quantity_of(row, term_names[term]);
      }
      seen.version = seq_of(row, "version");
    }
    reply.levels.push_back(std::move(seen));
  }
}

void Asked::read_claims(Reply& reply) const {
  SeenClaim seen{.claim = operation_.claim};
  for (const Row& row : rows_) {
    seen.exists = true;
    seen.state = by_name<ClaimState>(claim_state_names, row.at("state").text).value();
    if (const Cell* cell = cell_of(row, "expires_at")) seen.expires_at = cell->at;
    seen.version = seq_of(row, "version");
  }
  reply.claims.push_back(std::move(seen));
}

class SqlDoor final : public Door {
 public:
  SqlDoor(Database& database, ReplyTaker& taker, std::vector<std::string> locations)
      : session_(database.open_session(simulated_actor)),
        taker_(taker),
        locations_(std::move(locations)) {}

  void send(const Operation& operation, std::size_t attempt) override {
    asked_.push_back(std::make_unique<Asked>(operation, attempt, taker_, locations_));
    Asked& asked = *asked_.back();
    run(asked, sql_of(operation));
  }
  void say(std::string_view sql, std::size_t attempt) override {
    asked_.push_back(std::make_unique<Asked>(Operation(), attempt, taker_, locations_));
    asked_.back()->expect_no_rows();
    run(*asked_.back(), {.text = std::string(sql), .types = {}, .values = {}, .texts = {}});
  }
  void reap() override {
    std::erase_if(asked_, [this](const auto& asked) {
      if (!asked->is_done) return false;
      if (asked->finished() != nullptr) session_->recycle(*asked->finished());
      return true;
    });
  }
  [[nodiscard]] std::size_t under_way() const override {
    return static_cast<std::size_t>(
        std::ranges::count_if(asked_, [](const auto& asked) { return !asked->is_done; }));
  }

 private:
  void run(Asked& asked, const SqlText& sql) {
    auto found = prepared_.find(sql.text);
    if (found == prepared_.end()) {
      auto statement = session_->prepare(sql.text, sql.types);
      if (!statement.has_value()) {
        session_->statement_failed();
        asked.reply(fail(std::move(statement).error()));
        return;
      }
      found = prepared_.emplace(sql.text, *std::move(statement)).first;
    }
    asked.expect(found->second);
    session_->run(found->second, sql.values, asked, asked);
  }

  std::list<std::unique_ptr<Asked>> asked_;  // outlives the session, which writes to it
  std::unique_ptr<Session> session_;
  ReplyTaker& taker_;
  const std::vector<std::string> locations_;
  std::map<std::string, StatementPtr> prepared_;
};

}  // namespace

std::unique_ptr<Door> sql_door(Database& database, ReplyTaker& taker,
                               std::vector<std::string> locations) {
  return std::make_unique<SqlDoor>(database, taker, std::move(locations));
}

}  // namespace holdfast
