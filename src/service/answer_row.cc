// Cell by cell, straight from the Answer; only `lines` and `message` are put together first.
#include "service/answer_row.h"

#include "service/json_text.h"
#include "sql/functions.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

constexpr std::size_t lines_told_max = 5;

bool is_granted(Outcome outcome) {
  return outcome == Outcome::granted || outcome == Outcome::partially_granted;
}

bool has_numbers(Outcome outcome) {
  return outcome == Outcome::short_of_stock || outcome == Outcome::contended ||
         outcome == Outcome::channel_capped;
}

// "SKU-1 at BER", as far as it is known.
void append_place(std::string& out, const Answer& answer, const AnswerLine& line) {
  out += answer.sku_of(line);
  const std::string_view location = answer.location_of(line);
  const std::string_view lot = answer.lot_of(line);
  if (!location.empty()) fmt::format_to(std::back_inserter(out), " at {}", location);
  if (!lot.empty()) fmt::format_to(std::back_inserter(out), " (lot {})", lot);
}

void append_line_refusal(std::string& out, const Answer& answer, const AnswerLine& line) {
  append_place(out, answer, line);
  const auto end = std::back_inserter(out);
  switch (line.outcome) {
    case Outcome::item_unknown:
      out += ": unknown item";
      break;
    case Outcome::location_unknown:
      out += ": location unknown or not one of the channel's";
      break;
    case Outcome::quantity_invalid:
      fmt::format_to(end, ": requested {}, the line has {}", line.requested.units(),
                     line.available.units());
      break;
    case Outcome::limit_exceeded:
      fmt::format_to(end, ": requested {}, the limit is {}", line.requested.units(),
                     answer.limit.units());
      break;
    default:
      fmt::format_to(end, ": requested {}, available {}", line.requested.units(),
                     line.available.units());
  }
}

// The lines that were refused, or none when the refusal is not about lines.
bool append_line_refusals(std::string& out, const Answer& answer) {
  std::size_t told = 0;
  std::size_t left = 0;
  for (const AnswerLine& line : answer.lines) {
    if (!is_refusal(line.outcome)) continue;
    if (told == lines_told_max) {
      ++left;
      continue;
    }
    if (told++ > 0) out += "; ";
    append_line_refusal(out, answer, line);
  }
  if (left > 0) fmt::format_to(std::back_inserter(out), "; and {} more lines", left);
  return told > 0;
}

void append_state_refusal(std::string& out, const Answer& answer) {
  const auto end = std::back_inserter(out);
  switch (answer.outcome) {
    case Outcome::request_mismatch:
      out += "request_id was used before with other arguments";
      break;
    case Outcome::channel_unknown:
      out += "unknown or inactive channel";
      break;
    case Outcome::item_unknown:
      out += "unknown item";
      break;
    case Outcome::location_unknown:
      out += "unknown location";
      break;
    case Outcome::claim_unknown:
      out += "unknown claim";
      break;
    case Outcome::claim_exists:
      out += "another claim has this claim_id";
      break;
    case Outcome::claim_expired:
      out += "the claim has expired";
      break;
    case Outcome::wrong_state:
      fmt::format_to(end, "the claim is {}", name_of(answer.state));
      break;
    case Outcome::limit_exceeded:
      fmt::format_to(end, "requested {}, the limit is {}", answer.requested.units(),
                     answer.limit.units());
      break;
    case Outcome::quantity_invalid:
      fmt::format_to(end, "requested {}, there is {}", answer.requested.units(),
                     answer.available.units());
      break;
    case Outcome::not_open_yet:
      out += "not open yet";
      break;
    case Outcome::stale_expectation:
      out += "the value is not the expected one any more";
      break;
    default:
      fmt::format_to(end, "requested {}, available {}", answer.requested.units(),
                     answer.available.units());
  }
}

void append_lines(std::string& out, const Answer& answer) {
  out += '[';
  bool first = true;
  for (const AnswerLine& line : answer.lines) {
    if (!first) out += ", ";
    first = false;
    fmt::format_to(std::back_inserter(out), "{{\"line\": {}, \"sku\": ", line.line);
    append_json_text(out, answer.sku_of(line));
    if (const auto location = answer.location_of(line); !location.empty()) {
      out += ", \"location\": ";
      append_json_text(out, location);
    }
    if (const auto lot = answer.lot_of(line); !lot.empty()) {
      out += ", \"lot\": ";
      append_json_text(out, lot);
    }
    fmt::format_to(std::back_inserter(out),
                   ", \"outcome\": \"{}\", \"requested\": {}, \"granted\": {}, \"available\": {}}}",
                   name_of(line.outcome), line.requested.units(), line.granted.units(),
                   line.available.units());
  }
  out += ']';
}

struct Place {
  std::string_view sku, location, lot;
};

// Where a receipt, correction or sale took place: as decided, else as asked.
Place place_of(const Command& command, const Answer& answer) {
  if (!answer.lines.empty()) {
    const AnswerLine& line = answer.lines[0];
    return {answer.sku_of(line), answer.location_of(line), answer.lot_of(line)};
  }
  if (const auto* receive = std::get_if<Receive>(&command.body)) {
    return {receive->sku, receive->location, receive->lot};
  }
  if (const auto* adjust = std::get_if<Adjust>(&command.body)) {
    return {adjust->sku, adjust->location, adjust->lot};
  }
  if (const auto* sale = std::get_if<Sale>(&command.body)) {
    return {sale->sku, sale->location, sale->lot};
  }
  return {};
}

void text_or_null(RowSink& sink, std::string_view text) {
  if (text.empty()) {
    sink.null();
  } else {
    sink.text(text);
  }
}

void write_cell(const Command& command, const Answer& answer, AnswerColumn column, RowSink& sink,
                std::string& scratch) {
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
      return sink.integer(static_cast<std::int64_t>(answer.seq.value()));
    case AnswerColumn::replayed:
      return sink.boolean(answer.replayed);
    case AnswerColumn::lines:
      append_lines(scratch, answer);
      return sink.text(scratch);
    case AnswerColumn::message:
      append_refusal(scratch, answer);
      return text_or_null(sink, scratch);
    case AnswerColumn::can_claim:
    case AnswerColumn::salable:
      break;
  }
  CHECK(false, "not a column of a command");
}

}  // namespace

void append_refusal(std::string& out, const Answer& answer) {
  if (!is_refusal(answer.outcome)) return;
  if (!append_line_refusals(out, answer)) append_state_refusal(out, answer);
}

void write_answer_row(const Command& command, const Answer& answer,
                      std::span<const std::uint8_t> sources, RowSink& sink, std::string& scratch) {
  sink.begin_row(sources.size());
  for (const std::uint8_t source : sources) {
    write_cell(command, answer, static_cast<AnswerColumn>(source), sink, scratch);
  }
  sink.end_row();
}

}  // namespace holdfast
