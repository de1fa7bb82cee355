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
  FindRow(const Answer& answer, BoundLookup& lookup) : answer_(answer), lookup_(lookup) {
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
    if (!body.fulfil) return claim(answer_.claim);
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

  const Answer& answer_;
  BoundLookup& lookup_;
};

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

Status SqlExecution::bind_change(const ChangePlan& plan, const Binding& binding) {
  const auto bind_row = [&](std::size_t number, CommandStorage& storage,
                            Request& request) -> Status {
    request.kind = Kind::command;
    request.reads_behind = !this->plan().columns.empty();
    TRY(bind_command(this->plan(), number, binding, storage, request.command));
    request.request_class = class_of(request.command.body);
    return check_command(request.command);
  };
  TRY(bind_row(0, storage_, *this));
  for (std::size_t number = 1; number < plan.rows.size(); ++number) {
    row_pool_.push_back(std::make_unique<Row>(*this));
    Row& row = *row_pool_.back();
    if (Status bound = bind_row(number, row.storage, row); !bound) {
      Error why = std::move(bound).error();
      if (why.table.empty()) {
        why.message = fmt::format("row {}: {}", number + 1, why.message);
      } else if (why.detail.empty()) {
        why.detail = fmt::format("row {}", number + 1);
      }
      return fail(std::move(why));
    }
  }
  row_count_ = row_pool_.size();
  open_rows_ = 1 + row_count_;
  return {};
}

void SqlExecution::collect(std::vector<Request*>& together) {
  together.push_back(this);
  for (const auto& row : row_pool_) together.push_back(row.get());
}

void SqlExecution::submit(Engine& engine) {
  for (const auto& row : row_pool_) row->transaction = transaction;
  if (row_pool_.empty()) return engine.submit(*this);
  std::vector<Request*> rows;
  collect(rows);
  if (transaction == nullptr) return engine.submit_together(rows);
  for (Request* row : rows) engine.submit(*row);
}

bool SqlExecution::is_failure(Outcome outcome) const {
  const auto* change = std::get_if<ChangePlan>(&plan().body);
  return change == nullptr ? raises_refusals_ : !means_no_row(*change, outcome);
}

Result<Seq> SqlExecution::read_row(Request& row, const Stock& stock) {
  FindRow find(row.answer, lookup_);
  std::visit(find, row.command.body);
  const auto answer_cell = [&](std::uint8_t source) {
    write_answer_cell(row.command, row.answer, static_cast<AnswerColumn>(source - answer_source),
                      *sink_, scratch_);
  };
  const LookupTarget target{.relation = std::get<ChangePlan>(plan().body).relation,
                            .sources = plan().sources,
                            .other_cell = answer_cell};
  const LookupResult result = read_lookup(stock, target, lookup_, *sink_, scratch_);
  row.work = result.work;
  if (sink_->is_full()) return fail(sink_->overflow());
  return result.gate;
}

void SqlExecution::row_released(Request& row) {
  const Outcome outcome = row.answer.outcome;
  if (!is_refusal(outcome)) {
    // What was released before is not there to be deleted again.
    const bool is_delete = std::get<ChangePlan>(plan().body).verb == ChangePlan::Verb::remove;
    const bool is_gone = is_delete && outcome == Outcome::already;
    if (!is_gone) ++affected_;
  } else if (is_failure(outcome)) {
    return row_failed(refusal_error(row.command, row.answer));
  }
  row_done();
}

void SqlExecution::row_failed(const Error& error) {
  if (block_ != nullptr) block_->fail();
  // That the other rows were not executed is no news; it may come first, because it waits for
  // nothing.
  const bool is_news =
      rows_status_.has_value() || rows_status_.error().code == ErrorCode::failed_transaction;
  if (is_news) rows_status_ = fail(Error(error));
  row_done();
}

void SqlExecution::row_done() {
  CHECK(open_rows_ > 0);
  if (--open_rows_ == 0) finish(std::move(rows_status_));
}

}  // namespace holdfast
