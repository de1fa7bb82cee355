"""B13: claims at a steady pace while checkpoints are written, seen from the client.

The server shows no turn. Its clients do: at a steady pace, a turn that pauses is a while in which
no claim at all is answered, and a claim that waits at least as long. Both are taken from the log
that pgbench keeps of every claim, inside and outside the windows in which `checkpoint.new` lies in
the data directory. A pause of the disk looks the same, and is there outside as well.
"""

import threading
import time

import contenders as peers
import copying
import latency
import servers

CLIENTS = 32
LOOK_S = 0.002
MARGIN_S = 0.05  # the snapshot is taken a little before its file is there
PEAK_SHARE = 0.5


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


def add_row(run, name, claims, gaps):
    taken = sorted(claim.us / 1000 for claim in claims)
    run.report.add(
        name,
        len(taken),
        *[f"{latency.percentile(taken, share):.2f}" for share in (0.5, 0.99, 0.999)],
        f"{taken[-1]:.1f}",
        f"{max(gaps) * 1000:.1f}",
        f"{sum(gap > 0.005 for gap in gaps) / sum(gaps):.1f}",
    )


def measure(run):
    skus = run.levels // copying.LOCATIONS
    script = peers.claim_script(skus)
    run.durability("holdfast")
    run.report.table(
        "while", "claims", "p50 ms", "p99 ms", "p99.9 ms", "longest ms",
        "longest silence ms", "silences > 5 ms per second",
    )  # fmt: skip
    mib = 8 if run.is_quick else 32
    with servers.Holdfast(run.place / "holdfast", "--checkpoint-mib", mib) as ours:
        copying.load_levels(ours, run.place, run.levels)
        peak = peers.pgbench(ours, script, CLIENTS, run.seconds)
        rate = int(peak * PEAK_SHARE)
        log = run.place / "claims"
        with Watch(ours.data_dir) as watch:
            peers.pgbench(ours, script, CLIENTS, 12 * run.seconds, flags=["-R", str(rate)], log=log)
        claims = sorted(latency.read(log), key=lambda claim: claim.at)
    inside, outside = silences(claims, watch.windows)
    during = [claim for claim in claims if covers(watch.windows, claim.at)]
    others = [claim for claim in claims if not covers(watch.windows, claim.at)]
    if during:
        add_row(run, "a checkpoint is written", during, inside)
    if others:
        add_row(run, "none is", others, outside)
    run.report.facts["levels"] = f"{run.levels:,}, {copying.LOCATIONS} per SKU"
    run.report.facts["pace"] = f"{rate:,} claims/s of {peak:,.0f}, {CLIENTS} clients"
    run.report.facts["checkpoints"] = ", ".join(
        f"{end - begin:.1f} s" for begin, end in watch.windows
    )
