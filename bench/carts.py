"""B6: a cart of 5 lines beside a claim of one, both prepared once per connection and sent with
parameters, as applications do it.

pgbench cannot make the JSON of a cart into one parameter, and with it in the text every cart would
be parsed as SQL. So the client is a program of our own (cart_load), for the claims of one line too:
a ratio compares servers at work, not clients. The claim of one line is that of B1, on one hot SKU,
and once more on as many SKUs as the carts.
"""

import re
import subprocess

import contenders as peers
import machine
import rounds
import servers
from costed import Costed

LINES = 5
CLIENTS = 32


class Buyers:
    """A contender: cart_load on a server."""

    def __init__(self, name, server, lines, skus):
        self.name, self.server, self.lines, self.skus = name, server, lines, skus
        self.requests, self.bytes = 0, 0  # of all runs so far

    def rate(self, clients, seconds):
        before = machine.written_bytes(self.server.pid)
        flags = {
            "port": self.server.port,
            "clients": clients,
            "seconds": seconds,
            "lines": self.lines,
            "first-sku": peers.SKU_FIRST,
            "skus": self.skus,
        }
        words = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
        run = subprocess.run(
            [servers.build_dir() / "bench" / "cart_load", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        found = re.search(r"claims=(\d+) per_s=([\d.]+)", run.stdout)
        if run.returncode != 0 or not found:
            raise RuntimeError(f"cart_load failed: {run.stderr[-2000:]}")
        self.requests += int(found.group(1))
        self.bytes += machine.written_bytes(self.server.pid) - before
        return float(found.group(2))


def measure(run):
    run.report.table(
        "claim", "claims/s (median)", "spread", "bytes written per claim",
        "server, µs of processor per claim", "client, µs",
    )  # fmt: skip
    run.durability("holdfast")
    with run.holdfast() as ours:
        peers.prepare_many_holdfast(ours, run.skus)
        three = [
            Costed(Buyers("cart of 5 lines", ours, LINES, run.skus)),
            Costed(Buyers("one line, any SKU", ours, 1, run.skus)),
            Costed(Buyers("one line, one hot SKU", ours, 1, 1)),
        ]
        rates = rounds.measure(three, CLIENTS, run.rounds, run.seconds)
    for one in three:
        run.report.add(
            one.name,
            *rounds.cells(rates, one.name),
            f"{one.contender.bytes / one.contender.requests:,.0f}",
            *one.costs(),
        )
    run.report.claim_ratio(
        "cart / one line of one hot SKU (B1)",
        rounds.ratio(rates, "cart of 5 lines", "one line, one hot SKU"),
        0.6,
    )
    run.report.claim_ratio(
        "cart / one line of any SKU", rounds.ratio(rates, "cart of 5 lines", "one line, any SKU")
    )
