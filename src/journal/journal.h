// Journal: an append-only sequence of batches of opaque bytes, each durable before anybody may
// speak of it. It does not know what a claim is. This is the interface; `file_journal.h` is the
// embedded backend, replicated ones come beside it.
//
//   engine ──append(batch n)──▶ in flight ──poll()──▶ durable (in order) ──▶ replies leave
//
// Invariants
//   1. Batches become durable in order: durable() is the last seq of the longest prefix of appended
//   batches that is on
//      disk; it never goes back.
//   2. Every batch names the hash of the one before it (the chain), its place, its epoch and the
//   durable seq known when it
//      was written, so recovery tells a torn tail from a hole and a stale or misdirected block from
//      a live one.
//   3. After any error of a write or sync nothing more is appended or acknowledged: what was in
//   flight is *unknown*.
//
// One thread at a time owns a Journal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/time.h"

namespace holdfast {

// A batch's payload is at most this long; a group (model/entry.h) always fits.
inline constexpr std::size_t batch_payload_bytes_max = 1024 * 1024;

// What the engine says of a batch. An empty payload (a seal) has last = first − 1: it carries no
// entries.
struct BatchInfo {
  Seq first;  // the seq of its first entry
  Seq last;
  Timestamp at;              // the turn's timestamp
  std::uint64_t digest = 0;  // the state's digest after its last entry
};

// What is found again.
struct BatchHeader {
  BatchInfo info;
  Epoch epoch;
  Seq durable;       // known durable when it was written
  Hash128 previous;  // hash of the batch before it, zero for the first
  Hash128 hash;      // of this batch: its header's fields and payload, chained over `previous`
};

// Where a checkpoint says that the journal may be read on from: just behind the batch that ends
// with `seq`.
struct JournalPosition {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  Seq seq;       // last seq before the position
  Hash128 hash;  // of the batch that ends there
};

struct JournalReport {
  JournalPosition end;        // behind the last batch found
  Epoch epoch;                // of that batch, 0 for a new journal
  Timestamp at;               // its timestamp
  std::uint64_t batches = 0;  // visited
  std::uint64_t bytes = 0;    // that they take
  bool torn = false;          // a torn tail was cut …
  std::string torn_saved_as;  // … and its bytes kept here
  std::string ledger_id;      // a UUID
};

// Who writes a batch: others, while the caller goes on; or the caller, who then waits for the disk,
// and spares itself the time that it takes to wake others and to be woken, where the backend can.
enum class Writer : bool { others, caller };

class Journal {
 public:
  virtual ~Journal() = default;
  // Begins writing with this epoch. Once, after opening.
  virtual Status start(Epoch epoch) = 0;
  // False while as many batches are in flight as the backend takes.
  [[nodiscard]] virtual bool has_room() const = 0;
  // REQUIRES: has_room(), info.first is one more than the last batch's last seq, payload within its
  // limit. The payload is copied. Errors show at poll().
  virtual void append(const BatchInfo& info, ByteSpan payload, Writer writer) = 0;
  // Takes note of what has completed, without blocking. An error is final: unknown_result,
  // disk_full or io_error.
  virtual Status poll() = 0;
  // As poll(), but blocks until at least one in-flight batch completed.
  virtual Status wait() = 0;
  [[nodiscard]] virtual Seq durable() const = 0;
  [[nodiscard]] virtual std::size_t in_flight() const = 0;
  // Behind the last batch that is durable.
  [[nodiscard]] virtual JournalPosition position() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes_written() const = 0;
  // False when space for the next segment cannot be had: the engine then refuses what takes, and
  // goes on with what frees, from a reserve that was set aside.
  [[nodiscard]] virtual bool has_space() const = 0;
};

}  // namespace holdfast
