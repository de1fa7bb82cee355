#!/usr/bin/python3
"""Half a year of real orders, replayed through real connections, each answer compared with a model.

    replay_test.py [FILE]     or HOLDFAST_ORDERS=FILE; by default
                              ../shared/data/online-retail-*.csv.gz beside the checkout, when
                              present, else the small made-up file of the tests

Ends with levels equal to the model's, every refusal accounted for, and a clean verify.
"""

import os
import pathlib
import sys
import time
import unittest

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "replay"))

import orders  # noqa: E402
from harness import TESTS, LedgerTest, servers  # noqa: E402

BATCH = 400
SQL = {
    "claim": "SELECT outcome, lines FROM claim(lines => %s, partial => %s, claim_id => %s, "
    "reference => %s, customer => %s, request_id => %s)",
    "fulfil": "SELECT outcome, lines FROM fulfil(%s, reference => %s)",
    "receive": "SELECT outcome FROM receive(%s, %s, reason => %s, reference => %s)",
    "adjust": "SELECT outcome FROM adjust(%s, %s, reason => %s, reference => %s)",
}


def find_orders():
    if len(sys.argv) > 1 and pathlib.Path(sys.argv[1]).is_file():
        return pathlib.Path(sys.argv.pop(1))
    if os.environ.get("HOLDFAST_ORDERS"):
        return pathlib.Path(os.environ["HOLDFAST_ORDERS"])
    beside = sorted((servers.ROOT.parent / "shared" / "data").glob("online-retail-*.csv.gz"))
    return beside[0] if beside else TESTS / "replay" / "small.csv"


def parameters(step):
    if step.kind == "claim":
        customer = step.customer or None
        return (step.json(), step.partial, step.claim, step.reference, customer, step.reference)
    if step.kind == "fulfil":
        return (step.claim, step.reference)
    return (step.sku, step.quantity, step.reason, step.reference)


class Replay(LedgerTest):
    def test_orders(self):
        path = find_orders()
        begin = time.monotonic()
        steps = list(orders.steps_of(path))
        opening = orders.opening_stock(steps)
        model = orders.Model(opening)
        for step in steps:
            model.expect(step)
        self.connection = psycopg.connect(
            f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast", autocommit=True
        )
        self.addCleanup(self.connection.close)
        self.open_shop(opening)
        read = time.monotonic()
        for at in range(0, len(steps), BATCH):
            self.replay(steps[at : at + BATCH])
        took = time.monotonic() - read
        self.compare_levels(model)
        self.report(path, steps, model, read - begin, took)

    def open_shop(self, opening):
        stock = sorted(opening.items())
        for at in range(0, len(stock), BATCH):
            with self.connection.pipeline():
                for sku, units in stock[at : at + BATCH]:
                    self.connection.execute("SELECT * FROM define_item(%s)", (sku,))
                    if units:
                        self.connection.execute("SELECT * FROM receive(%s, %s)", (sku, units))

    def replay(self, steps):
        with self.connection.pipeline():
            cursors = [self.connection.execute(SQL[s.kind], parameters(s)) for s in steps]
        for step, cursor in zip(steps, cursors):
            row = cursor.fetchone()
            self.assertEqual(row[0], step.outcome, step)
            if step.granted:
                granted = {}
                for line in row[1]:
                    if line["granted"]:
                        granted[line["sku"]] = granted.get(line["sku"], 0) + line["granted"]
                self.assertEqual(granted, step.granted, step)

    def compare_levels(self, model):
        for sku, free in model.free.items():
            row = self.connection.execute(
                "SELECT on_hand, available, held, committed FROM stock "
                "WHERE sku = %s AND location = 'main'",
                (sku,),
            ).fetchone() or (0, 0, 0, 0)
            promised = model.promised[sku]
            self.assertEqual(row, (free + promised, free, 0, promised), sku)

    def report(self, path, steps, model, set_up, took):
        print(f"{path.name}: {len(steps)} commands on {len(model.free)} items", end=", ")
        print(f"set up {set_up:.1f} s, replayed in {took:.1f} s ({len(steps) / took:,.0f}/s)")
        for (kind, outcome), count in sorted(model.counts.items()):
            print(f"  {kind:8} {outcome:18} {count:7}   as computed")
        refused = model.counts.get(("claim", "short_of_stock"), 0)
        self.assertGreater(refused, 0, "the opening stock was to make some claims fail")


if __name__ == "__main__":
    unittest.main()
