// Steps that counted nothing are left out, so that a row is as wide as what happened.
#include "service/turn_rows.h"

#include <string>
#include <string_view>

#include "base/text.h"

namespace holdfast {
namespace {

// {"64": 3, "128": 1}: three took less than 64 µs and not less than 32. The last step has no end.
std::string steps_text(const TurnTimes& times) {
  std::string out = "{";
  for (std::size_t step = 0; step < TurnTimes::step_count; ++step) {
    if (times.steps[step] == 0) continue;
    if (out.size() > 1) out += ", ";
    const bool is_last = step + 1 == TurnTimes::step_count;
    out += is_last ? "\"more\": " : fmt::format("\"{}\": ", std::uint64_t{1} << step);
    append(out, times.steps[step]);
  }
  out += "}";
  return out;
}

void write_row(std::string_view what, const TurnTimes& times, RowSink& sink) {
  sink.begin_row(5);
  sink.text(what);
  sink.integer(static_cast<std::int64_t>(times.count));
  sink.integer(times.longest.us());
  if (times.longest_processor) {
    sink.integer(times.longest_processor->us());
  } else {
    sink.null();
  }
  sink.text(steps_text(times));
  sink.end_row();
}

}  // namespace

void write_turns(const EngineStats& stats, RowSink& sink) {
  write_row("turn", stats.turns, sink);
  write_row("turn beside a checkpoint", stats.turns_beside_checkpoint, sink);
  write_row("wait for a checkpoint", stats.waits_for_checkpoint, sink);
}

}  // namespace holdfast
