#!/usr/bin/python3
"""Transaction blocks from real clients: an application that wraps every claim in BEGIN … COMMIT,
many at once, with connections cut in the middle; psycopg's blocks, savepoints and pipelines."""

import pathlib
import random
import sys
import unittest

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import wire  # noqa: E402
from harness import LedgerTest, at_once  # noqa: E402

CLIENTS = 128
ROUNDS = 8


class Transactions(LedgerTest):
    def connect(self, **options):
        connection = psycopg.connect(
            f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast", **options
        )
        self.addCleanup(connection.close)
        return connection

    def level(self, sku):
        return self.look.execute(
            "SELECT available, held, committed FROM stock WHERE sku = %s", (sku,)
        ).fetchone()

    def setUp(self):
        self.look = self.connect(autocommit=True)

    def sell(self, sku, statement, *, is_shipped):
        """Half as many units as the shoppers want; `statement` gives a row when it took one."""
        units = CLIENTS * ROUNDS // 2
        self.stock_up(sku, units)
        sold = []

        def shopper(seed):
            chance = random.Random(seed)
            shop = self.connect()
            for _ in range(ROUNDS):
                took = shop.execute(statement).fetchone()
                fate = chance.random()
                if fate < 0.1:
                    shop.close()
                    shop = self.connect()
                elif fate < 0.2:
                    shop.rollback()
                else:
                    shop.commit()
                    if took and took[0] is not False:
                        sold.append(1)

        at_once(shopper, CLIENTS)  # no 40001 on a hot SKU, or it would be raised here
        shop = self.connect()
        shop.execute("SELECT 1")  # behind every connection that was cut
        for _ in range(1000):
            available, held, committed = self.level(sku)
            if held == 0:
                break
        self.assertEqual((available + len(sold), held), (units, 0))
        self.assertEqual(committed, 0 if is_shipped else len(sold))

    def test_blocks_and_savepoints(self):
        self.stock_up("T-1", 5)
        shop = self.connect()
        shop.execute("SELECT granted FROM claim('T-1', 2)")
        self.assertEqual(self.level("T-1"), (3, 2, 0))
        with self.assertRaises(psycopg.errors.InvalidParameterValue):
            with shop.transaction():
                shop.execute("SELECT granted FROM claim('T-1', 1)")
                shop.execute("SELECT granted FROM claim('T-1', 0)")
        self.assertEqual(self.level("T-1"), (3, 2, 0))
        shop.commit()
        self.assertEqual(self.level("T-1"), (3, 0, 2))
        shop.execute("SELECT outcome FROM receive('T-1', 9)")
        shop.rollback()
        self.assertEqual(self.level("T-1"), (3, 0, 2))
        with self.assertRaises(psycopg.errors.InFailedSqlTransaction):
            try:
                shop.execute("SELECT nonsense")
            except psycopg.errors.UndefinedColumn:
                shop.execute("SELECT 1")

    def test_conflicts(self):
        self.stock_up("T-5", 5)
        shop = self.connect()
        shop.execute("SELECT granted FROM claim('T-5', 2)")
        outcome = self.look.execute("SELECT outcome FROM claim('T-5', 5)").fetchone()
        self.assertEqual(outcome, ("contended",))
        shop.rollback()
        held = self.look.execute(
            "SELECT claim_id FROM claim('T-5', 5, hold_for => '1 hour')"
        ).fetchone()
        shop.execute("SELECT outcome FROM confirm(%s)", held)
        self.look.execute("SELECT outcome FROM release(%s)", held)
        with self.assertRaises(psycopg.errors.SerializationFailure):
            shop.commit()
        self.assertEqual(self.level("T-5"), (5, 0, 0))

    def test_a_pipeline_is_one_transaction(self):
        self.stock_up("T-2", 5)
        shop = self.connect(autocommit=True)
        with self.assertRaises(psycopg.errors.InvalidParameterValue):
            with shop.pipeline():
                shop.execute("SELECT granted FROM claim('T-2', 1)")
                shop.execute("SELECT granted FROM claim('T-2', 0)")
        self.assertEqual(self.level("T-2"), (5, 0, 0))
        with self.assertRaises(psycopg.errors.InvalidParameterValue):
            shop.execute("SELECT outcome FROM receive('T-2', 4); SELECT * FROM claim('T-2', 0)")
        self.assertEqual(self.level("T-2"), (5, 0, 0))

    def test_a_silent_client_is_cut_off_and_gives_back(self):
        self.stock_up("T-4", 5)
        sock, stream = wire.connect(self.server.port)
        self.addCleanup(sock.close)
        self.assertEqual(wire.states(stream), [])
        for sql in (
            b"SET idle_in_transaction_session_timeout = 200",
            b"BEGIN",
            b"SELECT granted FROM claim('T-4', 2)",
        ):
            sock.sendall(wire.frame(b"Q", sql + b"\0"))
            self.assertEqual(wire.states(stream), [])
        self.assertEqual(wire.states(stream), ["25P03", wire.CLOSED])
        self.assertEqual(self.level("T-4"), (5, 0, 0))

    def test_a_hot_sku_from_many_blocks_and_cut_connections(self):
        self.sell("T-3", "SELECT granted FROM claim('T-3', 1)", is_shipped=False)

    def test_the_same_with_the_statement_of_an_orm(self):
        self.sell(
            "T-6",
            "UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'T-6' AND location = 'main' "
            "AND available >= 1 RETURNING available",
            is_shipped=True,
        )

if __name__ == "__main__":
    unittest.main()
