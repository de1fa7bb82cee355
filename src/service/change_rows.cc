// INSERT, UPDATE and DELETE: one request per row, all of them or none, and the tag that counts
// them.
#include "base/check.h"
#include "service/answer_row.h"
#include "service/execution.h"
#include "service/refusal_error.h"

namespace holdfast {
namespace {

// Points the look-up at the row that a command changed.
class FindRow {
 public:
  FindRow(Relation relation, const Answer& answer, BoundLookup& lookup)
      : relation_(relation), answer_(answer), lookup_(lookup) {
    for (BoundLookup::KeyList& key : lookup.keys) {
      key.is_given = false;
      key.texts.clear();
      key.ids.clear();
    }
    lookup.limit = -1;
  }

  void operator()(const DefineItem& body) { give(0, body.sku); }
  void operator()(const DefineLocation& body) { give(0, body.code); }
  void operator()(const DefineChannel& body) { give(0, body.code); }
  void operator()(const ClaimUnits& body) {
    if (relation_ == Relation::claims) return claim(answer_.claim);
    const LineRequest& line = body.lines.front();
    level(line.sku, line.location, line.lot);
  }
  template <class Body>
  void operator()(const Body& body) {
    if constexpr (requires { body.claim; }) {
      claim(body.claim);
    } else {
      level(body.sku, body.location, body.lot);
    }
  }

 private:
  void give(std::size_t key, std::string_view text) {
    lookup_.keys[key].is_given = true;
    lookup_.keys[key].texts.push_back(text);
  }
  void level(std::string_view sku, std::string_view location, std::string_view lot) {
    give(0, sku);
    give(1, location.empty() ? default_location : location);
    give(2, lot);
  }
  void claim(const ClaimId& id) {
    lookup_.keys[0].is_given = true;
    lookup_.keys[0].ids.push_back(id);
  }

  const Relation relation_;
  const Answer& answer_;
  BoundLookup& lookup_;
};

// What was released before is not there to be deleted again.
bool is_gone(const ChangePlan& change, Outcome outcome) {
  return change.verb == ChangePlan::Verb::remove && outcome == Outcome::already;
}

}  // namespace

// The session's settings may change before the engine's turn comes.
void SqlExecution::take_context(const CommandContext& context) {
  context_ = context;
  std::string_view* const texts[] = {&context_.request_id, &context_.reference, &context_.reason,
                                     &context_.customer, &context_.channel};
  std::size_t bytes = 0;
  for (const std::string_view* text : texts) bytes += text->size();
  context_texts_.clear();
  context_texts_.reserve(bytes);  // the views below stay good: it does not grow again
  for (std::string_view* text : texts) {
    const std::size_t start = context_texts_.size();
    context_texts_ += *text;
    *text = std::string_view(context_texts_).substr(start);
  }
}

Status SqlExecution::bind_change(const ChangePlan& plan, const Binding& binding,
                                 const Manner& manner) {
  const std::size_t width = this->plan().parameters.size();
  const std::size_t rows = plan.copy ? values_.size() / width : plan.rows.size();
  const auto bind_row = [&](std::size_t number, CommandStorage& storage,
                            Request& request) -> Status {
    request.kind = Kind::command;
    request.reads_behind = !this->plan().columns.empty();
    request.is_undone_by_failure = true;
    take_manner(manner, request);
    Binding own = binding;
    if (plan.copy) own.values = std::span(values_).subspan(number * width, width);
    TRY(bind_command(this->plan(), plan.copy ? 0 : number, own, storage, request.command));
    request.request_class = class_of(request.command.body);
    return check_command(request.command);
  };
  for (std::size_t number = 0; number < rows; ++number) {
    Status bound;
    if (number == 0) {
      bound = bind_row(number, storage_, *this);
    } else {
      Row& row = *row_pool_.emplace_back(std::make_unique<Row>(*this, number));
      bound = bind_row(number, row.storage, row);
    }
    if (bound) continue;
    Error why = std::move(bound).error();
    if (rows > 1) why.row = number + 1;
    return fail(std::move(why));
  }
  row_count_ = row_pool_.size();
  open_rows_ = 1 + row_count_;
  return {};
}

void SqlExecution::collect(std::vector<Request*>& together) {
  together.push_back(this);
  for (const auto& row : row_pool_) together.push_back(row.get());
}

void SqlExecution::submit(Engine& engine, bool is_alone) {
  for (const auto& row : row_pool_) row->transaction = transaction;
  if (row_pool_.empty()) return engine.submit(*this);
  std::vector<Request*> rows;
  collect(rows);
  if (transaction == nullptr) return engine.submit_together(rows);
  if (is_alone) {
    one_by_one_ = &engine;
    return engine.submit(*this);
  }
  for (Request* row : rows) engine.submit(*row);
}

bool SqlExecution::is_failure(Outcome outcome) const {
  const auto* change = std::get_if<ChangePlan>(&plan().body);
  return change == nullptr ? raises_refusals_ : !means_no_row(*change, outcome);
}

Result<Seq> SqlExecution::read_row(Request& row, const Stock& stock) {
  const auto& change = std::get<ChangePlan>(plan().body);
  has_looked_ = !is_gone(change, row.answer.outcome);
  if (!has_looked_) return Seq();
  FindRow find(change.relation, row.answer, lookup_);
  std::visit(find, row.command.body);
  const auto answer_cell = [&](std::uint8_t source) {
    write_answer_cell(row.command, row.answer, static_cast<AnswerColumn>(source - answer_source),
                      *sink_, scratch_);
  };
  const LookupTarget target{.relation = change.relation,
                            .sources = plan().sources,
                            .other_cell = answer_cell,
                            .committed = row.committed};
  const LookupResult result = read_lookup(stock, target, lookup_, *sink_, scratch_);
  row.work = result.work;
  if (sink_->is_full()) return fail(sink_->overflow());
  return result.gate;
}

void SqlExecution::row_released(const Request& row, std::size_t number) {
  const Outcome outcome = row.answer.outcome;
  if (!is_refusal(outcome)) {
    if (!is_gone(std::get<ChangePlan>(plan().body), outcome)) ++affected_;
  } else if (is_failure(outcome)) {
    Error why = refusal_error(row.command, row.answer);
    if (!row_pool_.empty()) why.row = number + 1;
    return row_failed(std::move(why));
  }
  row_done();
}

// The rows behind the one that is wrong may hear of it first.
void SqlExecution::row_failed(Error error) {
  if (block_ != nullptr) block_->fail();
  const bool is_first = rows_status_.has_value();
  const bool is_consequence =
      !is_first && rows_status_.error().code == ErrorCode::failed_transaction;
  if (is_first || is_consequence) rows_status_ = fail(std::move(error));
  row_done();
}

void SqlExecution::row_done() {
  CHECK(open_rows_ > 0);
  --open_rows_;
  const bool is_over = open_rows_ == 0 || (one_by_one_ != nullptr && !rows_status_);
  if (is_over) return finish(std::move(rows_status_));
  if (one_by_one_ != nullptr) one_by_one_->submit(*row_pool_[row_pool_.size() - open_rows_]);
}

}  // namespace holdfast
