#!/usr/bin/python3
"""Measures a budget of docs/benchmarks.md: Holdfast and its peers, in the same run, on the same
machine.

    bench/run.py B1 B2 …        one or more rows; tables and JSON in build/bench/
    bench/run.py B1 --quick     short rounds: to see that it works, not to quote

Wants the release build (cmake --preset release && cmake --build --preset release), PostgreSQL 15
and Redis 7. Nothing here passes or fails on time: a goal that is missed is marked, and that is all.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]

import carts  # noqa: E402
import checkpoints  # noqa: E402
import contenders as peers  # noqa: E402
import copying  # noqa: E402
import idle  # noqa: E402
import latency  # noqa: E402
import machine  # noqa: E402
import pages  # noqa: E402
import restart  # noqa: E402
import rounds  # noqa: E402
import servers  # noqa: E402
from report import Report  # noqa: E402

DURABILITY = {
    "holdfast": "file journal: O_DIRECT|O_DSYNC over pre-written space, reply after the sync",
    "postgres": "fsync on, synchronous_commit on, wal_sync_method {}",
    "redis": "appendonly yes, appendfsync always",
    "null server": "none: it does nothing",
}


class Run:
    """What a row needs: how long, where, and the report it fills."""

    def __init__(self, arguments, row, goal, place):
        self.rounds = max(1 if arguments.quick else rounds.ROUNDS_MIN, arguments.rounds)
        self.seconds = 2 if arguments.quick else arguments.seconds
        self.is_quick = arguments.quick
        self.skus = 8_000 if arguments.quick else 1_000_000
        self.levels = arguments.levels or (100_000 if arguments.quick else 10_000_000)
        self.place = place
        self.with_latency = False
        self.report = Report(row, goal, machine.describe(place))
        if arguments.quick:
            self.report.facts["quick"] = "yes: these figures are not for quoting"

    def holdfast(self):
        return servers.Holdfast(self.place / "holdfast")

    def durability(self, *names, method="fdatasync"):
        for name in names:
            self.report.facts[f"durability of {name}"] = DURABILITY[name].format(method)

    def measure(self, contenders, clients):
        """Rates of the rounds, with a row of the table for each contender."""
        before = {one.name: (one.written(), one.requests) for one in contenders}
        rates = rounds.measure(contenders, clients, self.rounds, self.seconds)
        for one in contenders:
            name = one.name
            written, requests = before[name]
            self.report.add(
                clients,
                name,
                *rounds.cells(rates, name),
                f"{(one.written() - written) / (one.requests - requests):,.0f}",
                *self.latencies(one, clients),
            )
            self.report.series.setdefault(name, []).append([clients, rounds.median(rates, name)])
        return rates

    def latencies(self, contender, clients):
        """Medians over the rounds, in milliseconds, where the row's contenders keep latencies."""
        if not self.with_latency:
            return []
        kept = contender.latencies[-self.rounds :]
        medians = [statistics.median(one[share] for one in kept) for share in latency.SHARES]
        self.report.latencies.setdefault(contender.name, []).append([clients, *medians])
        return [f"{milliseconds:.2f}" for milliseconds in medians]

    def table(self, what, with_latency=False):
        self.with_latency = with_latency
        self.report.table(
            "clients",
            "server",
            f"{what}/s (median)",
            "spread",
            "bytes written per statement",
            *[f"{share}, ms" for share in latency.SHARES if with_latency],
        )


def hot_claims(run):
    run.table("claims")
    with run.holdfast() as ours, servers.NullServer() as null:
        postgres, method = peers.best_postgres(run.place, run.seconds)
        with postgres:
            run.durability("holdfast", "postgres", "null server", method=method)
            peers.prepare_hot_holdfast(ours)
            peers.prepare_postgres(postgres)
            three = [
                peers.PgContender("holdfast", ours, peers.CLAIM_HOLDFAST),
                peers.PostgresContender("postgres", postgres, peers.CLAIM_POSTGRES),
                peers.PgContender("null server", null, peers.CLAIM_HOLDFAST),
            ]
            for clients, goal in ((1, 1), (32, 25), (256, 20)):
                rates = run.measure(three, clients)
                run.report.claim_ratio(
                    f"{clients} clients: Holdfast / PostgreSQL",
                    rounds.ratio(rates, "holdfast", "postgres"),
                    goal,
                )
            run.report.claim_ratio(
                "256 clients: Holdfast / null server",
                rounds.ratio(rates, "holdfast", "null server"),
                0.7,
            )


def pipelined_claims(run):
    run.table("claims")
    script = peers.pipelined(peers.CLAIM_HOLDFAST.strip())
    with run.holdfast() as ours, servers.NullServer() as null, servers.Redis(run.place) as redis:
        run.durability("holdfast", "redis", "null server")
        peers.prepare_hot_holdfast(ours)
        command = peers.prepare_redis(redis)
        three = [
            peers.PgContender("holdfast", ours, script, peers.PIPELINE),
            peers.RedisContender("redis", redis, command, peers.PIPELINE),
            peers.PgContender("null server", null, script, peers.PIPELINE),
        ]
        rates = run.measure(three, 16)
        run.report.claim_ratio(
            "Holdfast / null server", rounds.ratio(rates, "holdfast", "null server"), 0.25
        )
        run.report.claim_ratio("Holdfast / Redis", rounds.ratio(rates, "holdfast", "redis"), 1.5)


def point_reads(run):
    run.table("reads")
    script = peers.read_script(run.skus)
    with run.holdfast() as ours, servers.NullServer("read") as null, servers.Redis(
        run.place
    ) as redis:
        run.durability("holdfast", "redis", "null server")
        peers.prepare_many_holdfast(ours, run.skus)
        peers.prepare_redis(redis, run.skus)
        postgres, method = peers.best_postgres(run.place, run.seconds)
        with postgres:
            run.durability("postgres", method=method)
            peers.prepare_postgres(postgres, run.skus)
            four = [
                peers.PgContender("holdfast", ours, script),
                peers.RedisContender("redis", redis, ["GET", "key:__rand_int__"], keys=run.skus),
                peers.PgContender("null server", null, script),
                peers.PostgresContender("postgres", postgres, script),
            ]
            rates = run.measure(four, 32)
    run.report.claim_ratio(
        "Holdfast / null server", rounds.ratio(rates, "holdfast", "null server"), 0.9
    )
    run.report.claim_ratio("Holdfast / Redis GET", rounds.ratio(rates, "holdfast", "redis"), 1)
    run.report.claim_ratio("Holdfast / PostgreSQL", rounds.ratio(rates, "holdfast", "postgres"))


def client_counts(run):
    run.table("claims", with_latency=True)
    with run.holdfast() as ours, servers.NullServer() as null, servers.Redis(run.place) as redis:
        run.durability("holdfast", "redis", "null server")
        peers.prepare_hot_holdfast(ours)
        command = peers.prepare_redis(redis)
        postgres, method = peers.best_postgres(run.place, run.seconds)
        log = run.place / "claims"
        with postgres:
            run.durability("postgres", method=method)
            peers.prepare_postgres(postgres)
            four = [
                peers.PgContender("holdfast", ours, peers.CLAIM_HOLDFAST, log=log),
                peers.PgContender("null server", null, peers.CLAIM_HOLDFAST, log=log),
                peers.RedisContender("redis", redis, command),
                peers.PostgresContender("postgres", postgres, peers.CLAIM_POSTGRES, log=log),
            ]
            ratios = {}
            for clients in (1, 4, 16, 32, 64, 128, 256, 512):
                # With more, PostgreSQL spends a run of seconds on connecting.
                present = four if clients <= 256 else four[:3]
                rates = run.measure(present, clients)
                ratios[clients] = rounds.ratio(rates, "holdfast", "null server")
                for peer in present[1:]:
                    run.report.claim_ratio(
                        f"{clients} clients: Holdfast / {peer.name}",
                        rounds.ratio(rates, "holdfast", peer.name),
                    )
    wide = [ratios[clients] for clients in (64, 128, 256, 512)]
    run.report.claim_ratio("least of 64 to 512 clients / ratio at 64", min(wide) / wide[0], 0.9)


def run_program(run, name):
    """A benchmark program of our own: its output is the result."""
    program = servers.build_dir() / name
    found = subprocess.run(
        [program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=run.place,
        check=False,
    )
    if found.returncode != 0:
        raise RuntimeError(f"{program} failed:\n{found.stdout}")
    run.report.table(f"output of {name}")
    for line in found.stdout.splitlines():
        if re.search(r"\d", line):
            run.report.add("`" + line.strip().replace("|", "/") + "`")


ROWS = {
    "B1": ("One hot SKU, claim, durable before the reply (pgbench -M prepared).", hot_claims),
    "B2": ("The same, 16 clients in pipelines of 32 statements per Sync.", pipelined_claims),
    "B3": ("Point read of availability, a million SKUs, 32 clients.", point_reads),
    "B4": ("One hot SKU, claim, durable, from 1 to 512 clients.", client_counts),
    "B5": ("The engine alone, one core.", lambda run: run_program(run, "engine_bench")),
    "B6": ("A cart of 5 lines, prepared, a million SKUs, 32 clients.", carts.measure),
    "B10": ("COPY of a million levels, linear.", copying.measure),
    "B11": ("Restart after kill -9 with the longest tail, cold cache.", restart.measure),
    "B12": (
        "Memory per level, index and 16-byte SKU included.",
        lambda run: run_program(run, "stock_bench"),
    ),
    "B13": ("Checkpoints of ten million levels under load: no turn pauses.", checkpoints.measure),
    "B16": ("10 000 idle connections.", idle.measure),
    "B17": ("What can be sold of 48 SKUs, in one request, 32 clients.", pages.measure),
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="+", choices=ROWS)
    parser.add_argument("--quick", action="store_true", help="one short round each")
    parser.add_argument(
        "--rounds", type=int, default=0, help=f"interleaved rounds (at least {rounds.ROUNDS_MIN})"
    )
    parser.add_argument("--seconds", type=int, default=5, help="of one measured run")
    parser.add_argument("--levels", type=int, default=0, help="of B11 and B13, instead of 10 M")
    arguments = parser.parse_args()
    for row in arguments.rows:
        goal, measure = ROWS[row]
        with servers.scratch("bench") as place:
            run = Run(arguments, row, goal, place)
            measure(run)
            run.report.save()


if __name__ == "__main__":
    main()
