"""Load with a record of what was acknowledged, and the check of the record after a crash
(tests/load/claim_load.cc does both)."""

import pathlib
import subprocess

from harness import program, servers

SKUS = [f"LOAD-{index}" for index in range(8)]
PLENTY = 1_000_000_000
FEW = 500  # of the last SKU: refusals are remembered and replayed too


def stock_up(server):
    for sku in SKUS:
        units = FEW if sku == SKUS[-1] else PLENTY
        servers.psql(
            server, f"SELECT * FROM define_item('{sku}'); SELECT * FROM receive('{sku}', {units})"
        )


def start_load(server, record, prefix, *flags, seconds=3600):
    """A running load; its output tells how much was acknowledged."""
    load = servers.Server(
        [program("tests/claim_load"), "run", "--port", server.port, "--record", record]
        + ["--prefix", prefix, "--seconds", seconds, *flags]
    )
    load.wait_for_line("^running$")
    return load


def acknowledged(load):
    """How many requests of a finished load were acknowledged."""
    load.wait(120)
    return int(load.wait_for_line(r"acknowledged (\d+)").group(1))


def check(test, server, record):
    """Every acknowledged request is there once with its answer; levels equal what was granted."""
    if not pathlib.Path(record).exists():
        return
    done = subprocess.run(
        [program("tests/claim_load"), "check", "--port", str(server.port), "--record", record],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    test.assertEqual(done.returncode, 0, done.stdout)
    granted = dict.fromkeys(SKUS, 0)
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "granted":
            granted[words[1]] = int(words[2])
    for sku, units in granted.items():
        row = servers.psql(
            server, f"SELECT held, committed FROM stock WHERE sku = '{sku}'"
        ).stdout.split("|")
        test.assertEqual(sum(int(field or 0) for field in row), units, f"{sku}:\n{done.stdout}")
