// decide: the same key, the same answer; otherwise the operation of the command's body decides, and
// its answer is remembered under the key in the same group.
#include "base/check.h"
#include "ledger/expectation.h"
#include "ledger/hearing.h"

namespace holdfast {
namespace {

// The answer of an earlier command with this request_id; false when there was none.
bool answer_from_memory(Hearing& hearing, const Hash128& print) {
  const CommandContext& context = hearing.context;
  const auto found = hearing.stock.find_request(context.actor, context.request_id, hearing.now);
  if (!found) return false;
  hearing.consult(found->seq);
  Answer& answer = hearing.answer;
  if (found->fingerprint != print) {
    hearing.object(Outcome::request_mismatch);
    return true;
  }
  ByteReader in(as_bytes(found->answer));
  CHECK(answer.decode(in) && in.complete(), "the answer remembered at {}", found->seq.value());
  answer.replayed = true;
  answer.seq = found->seq;
  return true;
}

void remember(Hearing& hearing, const Hash128& print) {
  Decision& out = hearing.out;
  out.remembered.clear();
  hearing.answer.encode(out.remembered);
  hearing.write(RequestRemembered{.fingerprint = print,
                                  .answer = as_text(out.remembered.bytes()),
                                  .refused = is_refusal(hearing.answer.outcome)});
}

// A channel that is named must exist, whatever the command does with it.
bool resolve_channel(Hearing& hearing) {
  if (hearing.context.channel.empty()) return true;
  const ChannelId channel = hearing.stock.find_channel(hearing.context.channel);
  if (channel == ChannelId()) {
    hearing.object(Outcome::channel_unknown);
    return false;
  }
  hearing.consult(hearing.stock.version(channel));
  hearing.out.context.channel = channel;
  return true;
}

void hear(Hearing& hearing, const Command& command) {
  if (command.expected.is_given() && !meets_expectation(hearing, command)) return;
  if (!resolve_channel(hearing)) return;
  std::visit([&](const auto& operation) { decide_body(hearing, operation); }, command.body);
  CHECK(!hearing.objected() || hearing.out.entries.empty(), "a refusal with effects");
}

}  // namespace

void set_context(Decision& out, const CommandContext& context, Timestamp now) {
  out.context.at = now;
  out.context.actor = context.actor;
  out.context.request_id = context.request_id;
  out.context.reference = context.reference;
  out.context.reason = context.reason;
  out.context.customer = context.customer;
  out.context.occurred_at = context.occurred_at;
}

void Decision::clear() {
  context = GroupContext();
  entries.clear();
  gate = Seq();
  work = 0;
  if (!items.empty()) items.clear();
  if (!locations.empty()) locations.clear();
  if (!channels.empty()) channels.clear();
  scratch.clear();
}

void decide(const Stock& stock, const Facts& facts, const Command& command, Timestamp now,
            Decision& out, Answer& answer) {
  out.clear();
  answer.clear();
  set_context(out, command.context, now);
  Hearing hearing(stock, facts, command.context, now, out, answer);
  if (command.context.request_id.empty()) {
    hear(hearing, command);
  } else {
    const Hash128 print = fingerprint(command, out.remembered);
    if (answer_from_memory(hearing, print)) {
      if (!answer.replayed) answer.seq = out.gate;
      return;
    }
    hear(hearing, command);
    if (hearing.is_memorable() && facts.lease.is_never()) remember(hearing, print);
  }
  if (out.entries.empty()) answer.seq = out.gate;
}

}  // namespace holdfast
