"""B11: how long a start takes behind kill -9 at the worst point, with a cold cache.

The worst point: a checkpoint is almost written, so the tail behind the last one is as long as it
gets in one run. `checkpoint.new` tells it: the server is killed when that file has grown to what
the last checkpoint had. Each start is ended by kill -9 too, so the next finds the same files and
one entry more. Three states are started from:

1. a checkpoint of the levels, right after they were loaded;
2. the same checkpoint and the longest tail of claims: the time above that of 1 is the replay;
3. a checkpoint of the levels and the claims, after a proper stop.
"""

import random
import re
import threading
import time

import contenders as peers
import copying
import machine
import servers
import wire

LOOK_S = 0.001
START_S_MAX = 300
SEED = 11


def newest_checkpoint_bytes(data_dir):
    """Of the last one that is whole; 0 when there is none."""
    found = [path for path in data_dir.glob("checkpoint*") if path.name != "checkpoint.new"]
    return max(found, key=lambda path: path.name).stat().st_size if found else 0


def size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def write_claims(path, skus, count):
    """Claims of one unit of a random SKU each."""
    pick = random.Random(SEED).randrange
    with path.open("w") as file:
        file.writelines(f"{peers.SKU_FIRST + pick(skus)}\t1\n" for _ in range(count))


def claim_until_worst(server, path, wanted):
    """Copies the claims again and again until the checkpoint being written has `wanted` bytes; then
    kill -9. COPY, because it fills the journal's batches: many entries in few bytes."""
    partial, is_worst = server.data_dir / "checkpoint.new", threading.Event()

    def watch():
        while size(partial) < wanted and not is_worst.wait(LOOK_S):
            pass
        is_worst.set()
        server.process.kill()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        while True:
            copying.copy(server, "claims (sku, quantity)", path)
    except RuntimeError:  # the connection is lost, when all is well
        if not is_worst.is_set():
            raise
    finally:
        is_worst.set()
        watcher.join()
        server.wait()


class Start:
    """One start with a cold cache, until the answer of a first query."""

    def __init__(self, data_dir, sku):
        self.cold = machine.drop_caches()
        began = time.monotonic()
        self.server = servers.Holdfast(data_dir, start_s_max=START_S_MAX)
        sock, stream = wire.connect(self.server.port)
        list(wire.messages(stream))
        sock.sendall(wire.query(f"SELECT salable FROM availability WHERE sku = '{sku}'"))
        kinds = [kind for kind, _ in wire.messages(stream)]
        self.seconds = time.monotonic() - began
        stream.close()
        sock.close()
        if b"D" not in kinds:
            raise RuntimeError(f"no row of {sku}: {kinds}")
        said = self.server.wait_for_line(r"recovered +seq (\d+) in (\d+) ms \(([\d ]+) entries")
        self.seq, self.recovery_ms = int(said.group(1)), int(said.group(2))
        self.entries = int(said.group(3).replace(" ", ""))
        self.checkpoint_mib = newest_checkpoint_bytes(data_dir) / 2**20
        self.read_mib = machine.read_bytes(self.server.pid) / 2**20


def starts(run, data_dir):
    found = []
    for _ in range(run.rounds):
        found.append(Start(data_dir, peers.SKU_FIRST))
        found[-1].server.kill()
    return found


def middle(found, what):
    return sorted(getattr(one, what) for one in found)[len(found) // 2]


def add_row(run, name, found):
    seconds = [one.seconds for one in found]
    median = middle(found, "seconds")
    run.report.add(
        name,
        f"{median:.2f}",
        f"± {(max(seconds) - min(seconds)) / 2 / median:.0%}",
        f"{middle(found, 'recovery_ms') / 1000:.2f}",
        f"{middle(found, 'entries'):,}",
        f"{middle(found, 'checkpoint_mib'):,.0f}",
        middle(found, "read_mib"),
    )


def measure(run):
    run.report.table(
        "what is there", "seconds until a query is answered", "spread", "of it recovery",
        "entries replayed", "MiB of checkpoint", "MiB read",
    )  # fmt: skip
    run.durability("holdfast")
    data_dir = run.place / "holdfast"
    claims = run.place / "claims.tsv"
    write_claims(claims, run.levels // copying.LOCATIONS, run.levels // 10)
    flags = ["--checkpoint-mib", 2] if run.is_quick else []
    with servers.Holdfast(data_dir, *flags) as server:
        copying.load_levels(server, run.place, run.levels)
    levels = starts(run, data_dir)
    server = servers.Holdfast(data_dir, *flags)
    claim_until_worst(server, claims, newest_checkpoint_bytes(data_dir))
    tails = starts(run, data_dir)
    servers.Holdfast(data_dir, start_s_max=START_S_MAX).stop()
    sold = starts(run, data_dir)
    add_row(run, "checkpoint of the levels, no tail", levels)
    add_row(run, "kill -9 at the worst point: that checkpoint, longest tail", tails)
    add_row(run, "checkpoint of levels and claims, no tail", sold)
    replay_ms = middle(tails, "recovery_ms") - middle(levels, "recovery_ms")
    run.report.facts["levels"] = f"{run.levels:,}, {copying.LOCATIONS} per SKU"
    run.report.facts["entries of the ledger"] = f"{tails[0].seq:,}"
    is_cold = all(start.cold for start in levels + tails + sold)
    run.report.facts["cache"] = "dropped before each start" if is_cold else "warm: not allowed"
    run.report.claim_ratio("10 s / seconds after kill -9", 10 / middle(tails, "seconds"), 1)
    run.report.claim_ratio(
        "million entries replayed per second", middle(tails, "entries") / replay_ms / 1e3, 5
    )
