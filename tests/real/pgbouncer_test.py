#!/usr/bin/python3
"""PgBouncer in transaction mode in front of the server: many clients, two connections, DISCARD ALL
between them. Clients behind it keep no prepared statements."""

import asyncio
import pathlib
import random
import sys
import unittest

import asyncpg
import psycopg
import psycopg2
import psycopg2.errors

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import poolers  # noqa: E402
from harness import LedgerTest, at_once, run_jdbc  # noqa: E402

CLIENTS = 12
ROUNDS = 20


class Pooled(LedgerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pooler = poolers.PgBouncer(cls.place / "pgbouncer", cls.server)
        cls.addClassCleanup(cls.pooler.stop)

    def connect(self, database="holdfast", **options):
        connection = psycopg.connect(
            f"host=127.0.0.1 port={self.pooler.port} user=holdfast dbname={database}",
            prepare_threshold=None,
            **options,
        )
        self.addCleanup(connection.close)
        return connection

    def pooled_level(self, look, sku):
        return look.execute(
            "SELECT available, held, committed FROM stock WHERE sku = %s", (sku,)
        ).fetchone()

    def test_blocks_of_many_clients_share_two_connections(self):
        self.stock_up("B-1", CLIENTS * ROUNDS)
        sold, pids = [], set()

        def shopper(seed):
            chance = random.Random(seed)
            shop = self.connect()
            for _ in range(ROUNDS):
                row = shop.execute("SELECT granted FROM claim(%s, %s)", ("B-1", 1)).fetchone()
                pid = shop.execute("SELECT pg_backend_pid()").fetchone()
                if chance.random() < 0.2:
                    shop.rollback()
                else:
                    shop.commit()
                    sold.append(row[0])
                pids.add(pid)

        at_once(shopper, CLIENTS)
        self.assertLessEqual(len(pids), poolers.CONNECTIONS)
        self.assertTrue(all(sold))
        look = self.connect(autocommit=True)
        self.assertEqual(
            self.pooled_level(look, "B-1"), (CLIENTS * ROUNDS - len(sold), 0, len(sold))
        )

    def test_what_a_client_sets_does_not_stay(self):
        first = self.connect("single", autocommit=True)
        second = self.connect("single", autocommit=True)
        pids = {c.execute("SELECT pg_backend_pid()").fetchone() for c in (first, second)}
        self.assertEqual(len(pids), 1)
        first.execute("SET statement_timeout = '7s'")
        self.assertEqual(second.execute("SHOW statement_timeout").fetchone(), ("0",))
        # Within a block it does.
        with first.transaction():
            first.execute("SET LOCAL statement_timeout = '7s'")
            self.assertEqual(first.execute("SHOW statement_timeout").fetchone(), ("7s",))
        self.assertEqual(first.execute("SHOW statement_timeout").fetchone(), ("0",))

    def test_what_the_pooler_tracks_is_each_clients_own(self):
        first = self.connect("single", autocommit=True, application_name="till 1")
        second = self.connect("single", autocommit=True, application_name="till 2")
        for _ in range(3):
            for connection, name in ((first, "till 1"), (second, "till 2")):
                row = connection.execute("SHOW application_name").fetchone()
                self.assertEqual(row, (name,))

    def test_savepoints_errors_and_conflicts(self):
        self.stock_up("B-2", 5)
        shop, other = self.connect(), self.connect(autocommit=True)
        shop.execute("SELECT granted FROM claim('B-2', 2)")
        self.assertEqual(
            other.execute("SELECT outcome FROM claim('B-2', 5)").fetchone(), ("contended",)
        )
        with self.assertRaises(psycopg.errors.InvalidParameterValue):
            with shop.transaction():
                shop.execute("SELECT granted FROM claim('B-2', 1)")
                shop.execute("SELECT granted FROM claim('B-2', 0)")
        shop.commit()
        self.assertEqual(self.pooled_level(other, "B-2"), (3, 0, 2))
        with self.assertRaises(psycopg.errors.UndefinedTable):
            shop.execute("SELECT * FROM nonsense")
        with self.assertRaises(psycopg.errors.InFailedSqlTransaction):
            shop.execute("SELECT 1")
        shop.rollback()
        (held,) = other.execute(
            "SELECT claim_id FROM claim('B-2', 1, hold_for => '1 hour')"
        ).fetchone()
        shop.execute("SELECT outcome FROM confirm(%s)", (held,))
        other.execute("SELECT outcome FROM release(%s)", (held,))
        with self.assertRaises(psycopg.errors.SerializationFailure):
            shop.commit()
        self.assertEqual(self.pooled_level(other, "B-2"), (3, 0, 2))

    def test_a_client_cut_off_in_a_block_gives_back(self):
        self.stock_up("B-3", 5)
        shop, look = self.connect(), self.connect(autocommit=True)
        shop.execute("SELECT granted FROM claim('B-3', 2)")
        self.assertEqual(self.pooled_level(look, "B-3"), (3, 2, 0))
        shop.pgconn.finish()
        for _ in range(10_000):
            level = self.pooled_level(look, "B-3")
            if level == (5, 0, 0):
                break
        self.assertEqual(level, (5, 0, 0))

    def test_psycopg2(self):
        self.stock_up("B-4", 2)
        shop = psycopg2.connect(
            f"host=127.0.0.1 port={self.pooler.port} user=holdfast dbname=holdfast"
        )
        self.addCleanup(shop.close)
        with shop, shop.cursor() as cursor:
            cursor.execute("SELECT granted FROM claim(%s, %s)", ("B-4", 2))
            self.assertEqual(cursor.fetchone(), (True,))
        with self.assertRaises(psycopg2.errors.InvalidParameterValue), shop:
            shop.cursor().execute("SELECT granted FROM claim('B-4', 0)")
        self.assertEqual(self.level("B-4"), (2, 0, 0, 2))

    def test_asyncpg(self):
        self.stock_up("B-5", 20)

        async def run():
            pool = await asyncpg.create_pool(
                host="127.0.0.1",
                port=self.pooler.port,
                user="holdfast",
                database="holdfast",
                min_size=1,
                max_size=6,
                statement_cache_size=0,
            )

            async def buy():
                async with pool.acquire() as shop, shop.transaction():
                    return await shop.fetchval("SELECT granted FROM claim($1, $2)", "B-5", 1)

            granted = await asyncio.gather(*(buy() for _ in range(30)))
            await pool.close()
            return sum(granted)

        self.assertEqual(asyncio.run(run()), 20)
        self.assertEqual(self.level("B-5"), (20, 0, 0, 20))

    def test_jdbc(self):
        self.assertEqual(run_jdbc(self.place, self.pooler.port, "pooled"), "ok\n")

    def test_its_console_sees_the_pool(self):
        shop = self.connect(autocommit=True)
        shop.execute("SELECT 1")
        console = psycopg2.connect(
            f"host=127.0.0.1 port={self.pooler.port} user=holdfast dbname=pgbouncer"
        )
        self.addCleanup(console.close)
        console.autocommit = True
        with console.cursor() as cursor:
            cursor.execute("SHOW POOLS")
            names = [field.name for field in cursor.description]
            pools = [dict(zip(names, row)) for row in cursor.fetchall()]
        ours = [pool for pool in pools if pool["database"] == "holdfast"]
        self.assertEqual([pool["pool_mode"] for pool in ours], ["transaction"])


if __name__ == "__main__":
    unittest.main()
