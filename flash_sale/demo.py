#!/usr/bin/python3
"""The flash sale: the same crowd of buyers against Holdfast and against three usual stacks on
PostgreSQL, with real connections to real servers, and the proof at the end.

    ./demo                      the sale; stays up on a terminal, elsewhere ends
    ./demo --refresh-ms 20      how stale the cache and the search index may get
    ./demo --buyers 50000 --units 500

Ends with code 1 if Holdfast sold anything twice, or left a unit unsold that somebody wanted.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import servers  # noqa: E402

TTY = sys.stdout.isatty()
GREEN, RED, BOLD, DIM, PLAIN = (
    ("\033[32m", "\033[31m", "\033[1m", "\033[2m", "\033[0m") if TTY else ("",) * 5
)
LABEL_COLUMNS = 24
COLUMNS = 19
# What the outcomes of a refusal are called in a shop.
REASONS = {"short_of_stock": "sold out", "claim_expired": "paid too late"}


def count(value):
    return f"{value:,}".replace(",", " ")


def milliseconds(value_us):
    return f"{value_us / 1000:.1f}" if value_us < 100_000 else count(round(value_us / 1000))


class Sale:
    def __init__(self, arguments):
        self.arguments = arguments
        self.results = {}

    def run(self, shop, title, server):
        print(f"  {title} …", end="\r" if TTY else "\n", flush=True)
        words = [servers.build_dir() / "flash_sale" / "flash_sale", "--shop", shop]
        for flag in ("buyers", "units", "connections", "seconds", "refresh-ms", "hold-ms", "seed"):
            words += [f"--{flag}", str(getattr(self.arguments, flag.replace("-", "_")))]
        words += [
            "--conninfo",
            f"host={server.host} port={server.port} user={server.user} dbname={server.database} "
            "sslmode=disable options='-c client_min_messages=error'",
        ]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"the sale against {title} could not be run (code {done.returncode})")
        self.results[shop] = json.loads(done.stdout)

    def table(self):
        units, refresh = self.arguments.units, self.arguments.refresh_ms
        shops = list(self.results)
        heads = {
            "holdfast": ("Holdfast", ""),
            "cache": ("cache", f"every {refresh} ms"),
            "reread": ("read, then", "decrement"),
            "search": ("search index", f"every {refresh} ms"),
        }
        lines = [""]
        for level in (0, 1):
            cells = "".join(f"{BOLD}{heads[shop][level]:>{COLUMNS}}{PLAIN}" for shop in shops)
            lines.append(f"  {'':{LABEL_COLUMNS}}{cells}")
        lines.append("  " + "─" * (LABEL_COLUMNS + COLUMNS * len(shops)))

        def row(label, text, colour=lambda result: ""):
            cells = ""
            for shop in shops:
                result = self.results[shop]
                cells += f"{colour(result)}{text(result):>{COLUMNS}}{PLAIN}"
            lines.append(f"  {label:{LABEL_COLUMNS}}{cells}")

        def verdict(result):
            return BOLD + (GREEN if result["oversold"] == 0 else RED)

        row("units sold", lambda r: f"{count(r['sold'])} of {units}", verdict)
        row("oversold", lambda r: count(r["oversold"]), verdict)
        row("buyers refused", lambda r: count(r["refused"]))
        for reason in sorted({reason for r in self.results.values() for reason in r["reasons"]}):
            label = f"  {REASONS.get(reason, reason)}"
            row(label, lambda r: count(r["reasons"][reason]) if reason in r["reasons"] else "", dim)
        row("carts abandoned", lambda r: count(r["abandoned"]))
        row("got a unit that came back", lambda r: count(r["second_chances"]))
        row("taking units, p50 ms", lambda r: milliseconds(r["p50_us"]))
        row("              p99 ms", lambda r: milliseconds(r["p99_us"]))
        row("peak, one SKU, per s", lambda r: count(round(r["peak_per_s"])))
        lines.append("")
        return "\n".join(lines)

    def stories(self):
        """What became of the buyers of each stack, one sentence each."""
        ours = self.results["holdfast"]
        print(
            f"  Holdfast: every unit sold once, the {count(ours['abandoned'])} abandoned carts "
            f"given back by the clock, {count(ours['refused'])} buyers told why not."
        )
        for shop, why in (
            ("cache", "saw a count from before the last sale"),
            ("reread", "read the last unit before anybody had written"),
            ("search", "found an item that a late index refresh had listed again"),
        ):
            if shop in self.results:
                oversold = self.results[shop]["oversold"]
                print(f"  {count(oversold)} customers paid for nothing because they {why}.")


def dim(_):
    return DIM


def parse():
    parser = argparse.ArgumentParser(
        prog="./demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--connections", type=int, default=64, help="of the shop's workers")
    parser.add_argument("--seconds", type=float, default=4, help="over which the buyers arrive")
    parser.add_argument("--refresh-ms", type=int, default=200, help="of the cache and the index")
    parser.add_argument("--hold-ms", type=int, default=1_000, help="how long a cart is held")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-holdfast", action="store_true", help="without the usual stacks")
    return parser.parse_args()


def prove(server):
    code, output = servers.verify(server.data_dir)
    colour = GREEN if code == 0 else RED
    print("  the proof: holdfast verify reads the whole ledger again, the peak included\n")
    for line in output.strip().splitlines():
        print(f"    {colour}{line}{PLAIN}")
    print()
    return code == 0


def main():
    arguments = parse()
    print(
        f"\n{BOLD}  A flash sale: {count(arguments.buyers)} buyers, {arguments.units} units{PLAIN}"
        f"\n  {DIM}{arguments.connections} connections, carts of one to five items, a quarter "
        f"abandoned, holds of {arguments.hold_ms} ms{PLAIN}\n"
    )
    sale = Sale(arguments)
    with servers.scratch("demo") as place, servers.Holdfast(place / "holdfast") as ours:
        sale.run("holdfast", "Holdfast", ours)
        if not arguments.only_holdfast:
            with servers.Postgres(place) as postgres:
                for shop, title in (
                    ("cache", "PostgreSQL behind a cache"),
                    ("reread", "PostgreSQL, read then decrement"),
                    ("search", "PostgreSQL behind a search index"),
                ):
                    sale.run(shop, title, postgres)
        print(sale.table())
        sale.stories()
        print()
        proved = prove(ours)
        result = sale.results["holdfast"]
        good = proved and result["oversold"] == 0 and result["sold"] == arguments.units
        good = good and result["broken"] == 0 and result["paid"] == result["sold"]
        everybody = result["paid"] + result["abandoned"] + result["refused"]
        good = good and everybody == arguments.buyers
        if not good:
            print(f"{RED}  the sale on Holdfast did not come out right: {result}{PLAIN}")
        if TTY and sys.stdin.isatty():
            print(f"  {BOLD}psql -h 127.0.0.1 -p {ours.port} -U holdfast holdfast{PLAIN}")
            print("  SELECT * FROM stock WHERE sku = 'DROP-1';")
            print(f"  {DIM}Ctrl-C ends the demo{PLAIN}", flush=True)
            try:
                ours.process.wait()
            except KeyboardInterrupt:
                print()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
