// Auditor: judges a run by the promises, from three witnesses that share no code: what clients were
// told, what the journal on the simulated disk says (through Shadow), and the engine's state.
//
// Invariants of domain.md, by its numbers, and where they are checked
//   1   the equation, every term >= 0: check_state after every step; Shadow after every group
//   2   balances are sums of entries: compare_with_shadow; digests; verify at the end of a run
//   3   claim lines add up to held, committed, backordered: check_state
//   4   each unit leaves held once: Shadow (the lines' counters); file (one effect per operation)
//   5   expiry is exact: check_nothing_due in a turn; Shadow at the time of each group
//   6   acknowledged exactly once, refusals right at their place: Judge, file
//   7   demand of one command is summed: Judge (claims); a group is seen whole: Judge (reads)
//   8   a claim does not block itself: Judge (amend); nobody takes promised units: Shadow (kinds)
//   11  real-time order: an answer's place is behind all that was known when it was asked: Judge
//   12  refused and malformed change nothing: file
// and the promises of durability.md: what was shown survives (reveal, recovered); unknown is there
// whole or not at all (Judge, after the operation was asked again).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "sim/operation.h"
#include "sim/probes.h"
#include "sim/reply.h"
#include "sim/shadow.h"
#include "sim/verdict.h"

namespace holdfast {

// One time that an operation was sent.
struct Attempt {
  enum class State : std::uint8_t { under_way, answered, not_executed, unknown };
  std::size_t operation = 0;  // index into the auditor's list
  State state = State::under_way;
  Seq floor;                         // everything up to here was known to somebody when it was sent
  Seq ceiling;                       // durable when it was answered
  bool after = false;                // sent after an answer to the same operation had arrived
  bool shows_gate = false;           // its seq is the exact place of a refusal
  std::optional<std::size_t> block;  // the transaction it is a statement of
  Reply reply;
};

enum class BlockEnd : std::uint8_t { open, committed, conflicted, undone, unknown };
[[nodiscard]] std::string_view name_of(BlockEnd end);

// A transaction of several statements.
struct AuditedBlock {
  std::vector<std::size_t> attempts;  // of its operations; what a savepoint took back is gone
  BlockEnd end = BlockEnd::open;
  bool is_serializable = false;
};

struct AuditedOperation {
  Operation operation;
  std::vector<std::size_t> attempts;
  std::vector<ShadowGroup> groups;  // that name it in the journal
};

class Auditor {
 public:
  Auditor(Verdict& verdict, Probes& probes)
      : verdict_(verdict), probes_(probes), shadow_(verdict, probes) {}

  // — clients —
  // Returns the attempt's number.
  std::size_t sent(const Operation& operation, std::optional<std::size_t> block = {});
  // `durable`: the engine's, at this moment. `shows_gate`: reply.seq is where it was decided.
  void answered(std::size_t attempt, Reply reply, Seq durable, bool shows_gate);
  // The connection is gone.
  void lost(std::size_t attempt);

  // — transactions; block_begun() returns the number —
  std::size_t block_begun(bool is_serializable);
  [[nodiscard]] std::size_t size_of_block(std::size_t block) const {
    return blocks_[block].attempts.size();
  }
  // All but the first `count` operations are taken back.
  void block_rolled_back_to(std::size_t block, std::size_t count);
  void block_ended(std::size_t block, BlockEnd end);

  // — the world —
  // Reads the journal as far as `durable` and judges what can be judged by it. An error when it
  // cannot be read: wrong, unless the disk was damaged on purpose.
  Status read_journal(Directory& disk, Seq durable);
  // After a start: `recovered` is the last seq found.
  void recovered(Seq recovered);
  void check_state(const Stock& stock);
  // REQUIRES: all of `stock` is durable and read.
  void compare_with_shadow(const Stock& stock);
  // In a turn at `now`, before any request of it can have been decided otherwise.
  void check_nothing_due(const Stock& stock, Timestamp now);
  [[nodiscard]] const Shadow& shadow() const { return shadow_; }
  [[nodiscard]] const AuditedOperation& operation(std::size_t index) const {
    return operations_[index];
  }
  [[nodiscard]] const Attempt& attempt(std::size_t number) const { return attempts_[number]; }
  [[nodiscard]] std::size_t operation_count() const { return operations_.size(); }
  // Operations whose result is unknown or acknowledged, with a request_id: worth sending again.
  [[nodiscard]] const std::vector<std::size_t>& keyed() const { return keyed_; }
  [[nodiscard]] Seq revealed() const { return revealed_; }

 private:
  Status visit(const BatchHeader& header, ByteSpan payload, Seq durable);
  void file(ShadowGroup group);
  void reveal(const Reply& reply, Seq durable);
  void judge_pending();
  void answered_in_block(std::size_t number);

  Verdict& verdict_;
  Probes& probes_;
  Shadow shadow_;
  std::deque<AuditedOperation> operations_;
  std::deque<Attempt> attempts_;
  std::vector<std::size_t> pending_;  // answered, not judged
  std::deque<AuditedBlock> blocks_;
  std::vector<std::size_t> pending_blocks_;  // ended, not judged
  std::vector<std::size_t> keyed_;
  std::map<std::uint64_t, std::size_t> by_number_;
  std::map<std::string, std::size_t> by_reference_;
  std::map<Seq, Hash128> batches_;  // by last seq: what was read once stays
  Seq revealed_;                    // the highest seq that any answer let somebody conclude
};

}  // namespace holdfast
