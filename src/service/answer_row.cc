// Cell by cell, straight from the Answer; only `lines` and `message` are put together first.
#include "service/answer_row.h"

#include "base/text.h"
#include "service/answer_text.h"
#include "service/json_text.h"
#include "sql/functions.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

bool is_granted(Outcome outcome) {
  return outcome == Outcome::granted || outcome == Outcome::partially_granted;
}

bool has_numbers(Outcome outcome) {
  return outcome == Outcome::short_of_stock || outcome == Outcome::contended ||
         outcome == Outcome::channel_capped;
}

void append_lines(std::string& out, const Command& command, const Answer& answer) {
  out += '[';
  bool first = true;
  for (const AnswerLine& line : answer.lines) {
    if (!first) out += ", ";
    first = false;
    append(out, "{\"line\": ", line.line);
    if (const auto sku = answer.sku_of(line); !sku.empty()) {
      out += ", \"sku\": ";
      append_json_text(out, sku);
    }
    if (const auto location = answer.location_of(line); !location.empty()) {
      out += ", \"location\": ";
      append_json_text(out, location);
    }
    if (const auto lot = answer.lot_of(line); !lot.empty()) {
      out += ", \"lot\": ";
      append_json_text(out, lot);
    }
    append(out, ", \"outcome\": \"", name_of(line.outcome),
           "\", \"requested\": ", line.requested.units(), ", \"granted\": ", line.granted.units());
    // Who only moves units of a claim has not looked for more.
    if (is_sourcing(command) || is_refusal(line.outcome)) {
      append(out, ", \"available\": ", line.available.units());
    }
    out += '}';
  }
  out += ']';
}

void text_or_null(RowSink& sink, std::string_view text) {
  if (text.empty()) {
    sink.null();
  } else {
    sink.text(text);
  }
}

}  // namespace

void write_answer_cell(const Command& command, const Answer& answer, AnswerColumn column,
                       RowSink& sink, std::string& scratch) {
  scratch.clear();
  const bool has_claim = !answer.claim.is_none();
  switch (column) {
    case AnswerColumn::granted:
      return sink.boolean(is_granted(answer.outcome));
    case AnswerColumn::outcome:
      return sink.text(name_of(answer.outcome));
    case AnswerColumn::claim_id:
      return has_claim ? sink.uuid(answer.claim) : sink.null();
    case AnswerColumn::state:
      return has_claim ? sink.text(name_of(answer.state)) : sink.null();
    case AnswerColumn::expires_at:
      return answer.expires_at.is_set() && !answer.expires_at.is_never()
                 ? sink.timestamp(answer.expires_at)
                 : sink.null();
    case AnswerColumn::sku:
      return text_or_null(sink, place_of(command, answer).sku);
    case AnswerColumn::location:
      return text_or_null(sink, place_of(command, answer).location);
    case AnswerColumn::lot:
      return sink.text(place_of(command, answer).lot);
    case AnswerColumn::available:
      // One number speaks for one line; of several, each has its own in `lines`.
      if (answer.lines.size() > 1 && !has_numbers(answer.outcome)) return sink.null();
      if (is_refusal(answer.outcome) && !has_numbers(answer.outcome)) return sink.null();
      return sink.integer(answer.available.units());
    case AnswerColumn::seq:
      if (answer.seq == Seq()) return sink.null();  // known at COMMIT
      return sink.integer(static_cast<std::int64_t>(answer.seq.value()));
    case AnswerColumn::replayed:
      return sink.boolean(answer.replayed);
    case AnswerColumn::lines:
      append_lines(scratch, command, answer);
      return sink.text(scratch);
    case AnswerColumn::message:
      append_message(scratch, command, answer);
      return text_or_null(sink, scratch);
    case AnswerColumn::can_claim:
    case AnswerColumn::salable:
      break;
  }
  CHECK(false, "not a column of a command");
}

void write_answer_row(const Command& command, const Answer& answer,
                      std::span<const std::uint8_t> sources, RowSink& sink, std::string& scratch) {
  sink.begin_row(sources.size());
  for (const std::uint8_t source : sources) {
    write_answer_cell(command, answer, static_cast<AnswerColumn>(source), sink, scratch);
  }
  sink.end_row();
}

}  // namespace holdfast
