"""B13: claims at a steady pace while checkpoints are written, seen from the server and the client.

The server counts how long its turns take (SHOW holdfast.turns), those beside a checkpoint apart,
and how long it runs none because one is about to begin. It counts from its start, so it is started
anew for the paced claims. A thread that has to wait for a core is in its turn all the while: so
beside the longest turn stands the most processor time that one took, which the server reads beside
a checkpoint only, and how long its threads waited for a core in all.

The clients see a turn that pauses as a while in which no claim at all is answered, and as a claim
that waits at least as long. Both are taken from the log that pgbench keeps of every claim, inside
and outside the windows in which `checkpoint.new` lies in the data directory. A pause of the disk
looks the same, and is there outside as well.
"""

import json
import threading
import time

import contenders as peers
import copying
import latency
import machine
import servers

CLIENTS = 32
LOOK_S = 0.002
MARGIN_S = 0.05  # the snapshot is taken a little before its file is there
PEAK_SHARE = 0.5
START_S_MAX = 300


class Watch(threading.Thread):
    """Notes from when to when a checkpoint was being written. A context manager."""

    def __init__(self, data_dir):
        super().__init__(daemon=True)
        self.file = data_dir / "checkpoint.new"
        self.windows = []
        self.ended = threading.Event()

    def run(self):
        began = None
        while not self.ended.wait(LOOK_S):
            now, there = time.time(), self.file.exists()
            if there and began is None:
                began = now
            if not there and began is not None:
                self.windows.append((began, now))
                began = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


def covers(windows, at):
    return any(begin - MARGIN_S <= at <= end + MARGIN_S for begin, end in windows)


def silences(claims, windows):
    """Seconds between one answer and the next: (those that touch a window, the others)."""
    inside, outside = [], []
    for before, after in zip(claims, claims[1:]):
        during = covers(windows, before.at) or covers(windows, after.at)
        (inside if during else outside).append(after.at - before.at)
    return inside, outside


class Turns:
    """A row of SHOW holdfast.turns."""

    def __init__(self, count, longest_us, processor_us, below_us):
        self.count, self.longest_ms = int(count), int(longest_us) / 1000
        self.processor_ms = int(processor_us) / 1000 if processor_us else None
        self.below_us = json.loads(below_us)

    def over(self, us):
        """How many took `us`, a power of two, or longer."""
        return sum(n for step, n in self.below_us.items() if step == "more" or int(step) > us)


def turns_of(server):
    """{what: Turns}, since the server's start."""
    lines = servers.psql(server, "SHOW holdfast.turns").stdout.splitlines()
    return {what: Turns(*cells) for what, *cells in (line.split("|") for line in lines)}


def add_row(run, name, turns, claims, gaps):
    taken = sorted(claim.us / 1000 for claim in claims)
    run.report.add(
        name,
        f"{turns.count:,}",
        f"{turns.longest_ms:.2f}",
        "–" if turns.processor_ms is None else f"{turns.processor_ms:.2f}",
        turns.over(4096),
        len(taken),
        *[f"{latency.percentile(taken, share):.2f}" for share in (0.5, 0.99, 0.999)],
        f"{taken[-1]:.1f}",
        f"{max(gaps) * 1000:.1f}",
        f"{sum(gap > 0.005 for gap in gaps) / sum(gaps):.1f}",
    )


class Paced:
    """Claims at PEAK_SHARE of the rate that is reached just before, on a server that was started
    anew for each of the two, since what follows the load of the levels is not what goes on."""

    def __init__(self, run, data_dir, flags):
        script = peers.claim_script(run.levels // copying.LOCATIONS)
        with servers.Holdfast(data_dir, *flags, start_s_max=START_S_MAX) as server:
            self.peak = peers.pgbench(server, script, CLIENTS, run.seconds)
        self.rate = int(self.peak * PEAK_SHARE)
        log = run.place / "claims"
        with servers.Holdfast(data_dir, *flags, start_s_max=START_S_MAX) as server:
            waited = machine.waited_seconds(server.pid)
            with Watch(data_dir) as watch:
                pace = ["-R", str(self.rate)]
                peers.pgbench(server, script, CLIENTS, 12 * run.seconds, flags=pace, log=log)
            self.waited = machine.waited_seconds(server.pid) - waited
            self.turns = turns_of(server)
        self.windows = watch.windows
        self.claims = sorted(latency.read(log), key=lambda claim: claim.at)


def measure(run):
    run.durability("holdfast")
    run.report.table(
        "while", "turns", "longest turn ms", "most processor ms of a turn",
        "turns of 4.1 ms or longer", "claims", "p50 ms", "p99 ms", "p99.9 ms", "longest ms",
        "longest silence ms", "silences > 5 ms per second",
    )  # fmt: skip
    data_dir = run.place / "holdfast"
    flags = ["--checkpoint-mib", 8 if run.is_quick else 32]
    with servers.Holdfast(data_dir, *flags) as server:
        copying.load_levels(server, run.place, run.levels)
    paced = Paced(run, data_dir, flags)
    inside, outside = silences(paced.claims, paced.windows)
    during = [claim for claim in paced.claims if covers(paced.windows, claim.at)]
    others = [claim for claim in paced.claims if not covers(paced.windows, claim.at)]
    beside, waits = paced.turns["turn beside a checkpoint"], paced.turns["wait for a checkpoint"]
    if during:
        add_row(run, "a checkpoint is written", beside, during, inside)
    if others:
        add_row(run, "none is", paced.turns["turn"], others, outside)
    if beside.count:
        run.report.claim_ratio("5 ms / longest turn beside a checkpoint", 5 / beside.longest_ms, 1)
        run.report.claim_ratio("5 ms / most processor time of one", 5 / beside.processor_ms)
    if waits.count:
        run.report.claim_ratio("5 ms / longest wait for one to begin", 5 / waits.longest_ms, 1)
    facts = run.report.facts
    facts["levels"] = f"{run.levels:,}, {copying.LOCATIONS} per SKU"
    facts["pace"] = f"{paced.rate:,} claims/s of {paced.peak:,.0f}, {CLIENTS} clients"
    facts["checkpoints"] = ", ".join(f"{end - begin:.1f} s" for begin, end in paced.windows)
    facts["waits for a checkpoint"] = f"{waits.count}, the longest {waits.longest_ms:.2f} ms"
    facts["the server's threads waited for a core"] = f"{paced.waited:.2f} s in all"
