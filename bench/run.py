#!/usr/bin/python3
"""Measures a budget of docs/benchmarks.md: Holdfast and its peers, in the same run, on the same
machine.

    bench/run.py B1 B2 B3 B4 B5 B6 B10 B12   one or more rows; tables and JSON in build/bench/
    bench/run.py B1 --quick              short rounds: to see that it works, not to quote

Wants the release build (cmake --preset release && cmake --build --preset release), PostgreSQL 15
and Redis 7. Nothing here passes or fails on time: a goal that is missed is marked, and that is all.
"""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import contenders as peers  # noqa: E402
import copying  # noqa: E402
import machine  # noqa: E402
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
        self.skus = 8_000 if arguments.quick else 1_000_000
        self.place = place
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
        before = {one.name: one.written() for one in contenders}
        rates = rounds.measure(contenders, clients, self.rounds, self.seconds)
        for one in contenders:
            name = one.name
            count = sum(rates[name]) * self.seconds
            self.report.add(
                clients,
                name,
                rounds.median(rates, name),
                f"± {rounds.spread(rates, name):.0%}",
                f"{(one.written() - before[name]) / count:,.0f}",
            )
            self.report.series.setdefault(name, []).append([clients, rounds.median(rates, name)])
        return rates

    def table(self, what):
        self.report.table(
            "clients", "server", f"{what}/s (median)", "spread", "bytes written per statement"
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
    run.table("claims")
    with run.holdfast() as ours, servers.NullServer() as null:
        run.durability("holdfast", "null server")
        peers.prepare_hot_holdfast(ours)
        two = [
            peers.PgContender("holdfast", ours, peers.CLAIM_HOLDFAST),
            peers.PgContender("null server", null, peers.CLAIM_HOLDFAST),
        ]
        ratios = {}
        for clients in (1, 4, 16, 32, 64, 128, 256, 512):
            rates = run.measure(two, clients)
            ratios[clients] = rounds.ratio(rates, "holdfast", "null server")
            run.report.claim_ratio(f"{clients} clients: Holdfast / null server", ratios[clients])
    wide = [ratios[clients] for clients in (64, 128, 256, 512)]
    run.report.claim_ratio("least of 64 to 512 clients / ratio at 64", min(wide) / wide[0], 0.9)


def carts(run):
    run.table("statements")
    with run.holdfast() as ours, servers.NullServer() as null:
        run.durability("holdfast", "null server")
        peers.prepare_hot_holdfast(ours)
        peers.prepare_many_holdfast(ours, run.skus)
        cart = peers.cart_script(run.skus)
        three = [
            peers.PgContender("cart of 5 lines", ours, cart, mode="simple"),
            peers.PgContender("one line, simple", ours, peers.CLAIM_HOLDFAST, mode="simple"),
            peers.PgContender("one line, prepared", ours, peers.CLAIM_HOLDFAST),
        ]
        rates = run.measure(three, 32)
        run.report.claim_ratio(
            "cart / one line, prepared",
            rounds.ratio(rates, "cart of 5 lines", "one line, prepared"),
            0.6,
        )
        run.report.claim_ratio(
            "cart / one line, both simple",
            rounds.ratio(rates, "cart of 5 lines", "one line, simple"),
        )


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
    "B4": ("Hot SKU from 1 to 512 clients, beside the null server.", client_counts),
    "B5": ("The engine alone, one core.", lambda run: run_program(run, "engine_bench")),
    "B6": (
        "A cart of 5 lines, a million SKUs, 32 clients (its text differs each time: simple mode).",
        carts,
    ),
    "B10": ("COPY of a million levels, linear.", copying.measure),
    "B12": (
        "Memory per level, index and 16-byte SKU included.",
        lambda run: run_program(run, "stock_bench"),
    ),
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
    arguments = parser.parse_args()
    for row in arguments.rows:
        goal, measure = ROWS[row]
        with servers.scratch("bench") as place:
            run = Run(arguments, row, goal, place)
            measure(run)
            run.report.save()


if __name__ == "__main__":
    main()
