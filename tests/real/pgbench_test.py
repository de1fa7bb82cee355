#!/usr/bin/python3
"""pgbench in all its modes: every transaction takes exactly one unit, at every number of
clients."""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, run_client  # noqa: E402

CLAIM = "SELECT * FROM claim('{sku}', 1);\n"
UNITS = 1_000_000
CLIENTS = 8
TRANSACTIONS = 200
PIPELINE = 10


class Pgbench(LedgerTest):
    def bench(self, mode, script, *flags):
        path = self.place / "script.sql"
        path.write_text(script)
        output = run_client(
            ["pgbench", "-n", "-M", mode, "-c", CLIENTS, "-j", 2, "-t", TRANSACTIONS, "-f", path]
            + ["-h", "127.0.0.1", "-p", self.server.port, "-U", "holdfast", *flags, "holdfast"]
        )
        done = re.search(r"actually processed: (\d+)/(\d+)", output)
        self.assertEqual(done.group(1), done.group(2), output)
        self.assertRegex(output, r"failed transactions: 0 ")

    def check(self, mode, sku, script, per_transaction):
        self.stock_up(sku, UNITS)
        self.bench(mode, script)
        taken = CLIENTS * TRANSACTIONS * per_transaction
        self.assertEqual(self.level(sku), (UNITS, UNITS - taken, 0, taken))

    def test_modes(self):
        for mode in ("simple", "extended", "prepared"):
            with self.subTest(mode):
                sku = f"B-{mode}"
                self.check(mode, sku, CLAIM.format(sku=sku), 1)

    def test_pipelines(self):
        for mode in ("extended", "prepared"):
            with self.subTest(mode):
                sku = f"B-pipeline-{mode}"
                claims = CLAIM.format(sku=sku) * PIPELINE
                self.check(mode, sku, f"\\startpipeline\n{claims}\\endpipeline\n", PIPELINE)

    def test_variables_and_reads(self):
        self.stock_up("1000", 5)
        script = (
            "\\set sku 1000\nSELECT available FROM stock WHERE sku = :sku AND location = 'main';\n"
        )
        for mode in ("extended", "prepared"):
            with self.subTest(mode):
                self.bench(mode, script)

    def test_sold_out_under_load(self):
        """More buyers than units: exactly all units go, the rest is refused, nothing fails."""
        self.stock_up("B-few", 100)
        self.bench("prepared", CLAIM.format(sku="B-few"))
        self.assertEqual(self.level("B-few"), (100, 0, 0, 100))


if __name__ == "__main__":
    unittest.main()
