#!/usr/bin/python3
"""asyncpg: binary everywhere, statements prepared by name, nested transactions, a pool that resets
its connections, cursors."""

import asyncio
import datetime
import json
import pathlib
import sys
import unittest
import uuid

import asyncpg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest  # noqa: E402


class Asyncpg(LedgerTest, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # what psql takes is no finding

    async def connect(self, **options):
        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=self.server.port,
            user="holdfast",
            database="holdfast",
            **options,
        )
        self.addAsyncCleanup(connection.close)
        return connection

    async def level(self, shop, sku):
        return tuple(
            await shop.fetchrow("SELECT available, held, committed FROM stock WHERE sku = $1", sku)
        )

    async def test_types(self):
        self.stock_up("A-1", 10)
        shop = await self.connect()
        row = await shop.fetchrow(
            "SELECT granted, outcome, claim_id, expires_at, available, seq, lines, message "
            "FROM claim($1, $2, hold_for => $3)",
            "A-1",
            3,
            "10 minutes",
        )
        self.assertEqual((row["granted"], row["outcome"], row["available"]), (True, "granted", 7))
        self.assertIsInstance(row["seq"], int)
        self.assertIsInstance(row["claim_id"], uuid.UUID)
        self.assertEqual(row["expires_at"].tzinfo, datetime.timezone.utc)
        self.assertEqual(json.loads(row["lines"])[0]["granted"], 3)
        self.assertIsNone(row["message"])
        kept = await shop.fetchrow(
            "SELECT expires_at, held FROM claims WHERE claim_id = $1", row["claim_id"]
        )
        self.assertEqual(tuple(kept), (row["expires_at"], 3))
        self.assertEqual(await shop.fetchval("SELECT 1"), 1)
        refused = await shop.fetchrow("SELECT granted, outcome FROM claim('A-1', 8)")
        self.assertEqual(tuple(refused), (False, "short_of_stock"))
        self.assertIsNone(await shop.fetchrow("SELECT * FROM stock WHERE sku = 'nowhere'"))

    async def test_parameters(self):
        self.stock_up("A-2", 100)
        shop = await self.connect()
        claim_id = uuid.uuid4()
        when = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
        row = await shop.fetchrow(
            "SELECT outcome, claim_id FROM claim(sku => $1, quantity => $2, partial => $3, "
            "claim_id => $4, occurred_at => $5, hold_for => $6::interval, customer => $7)",
            "A-2",
            2,
            True,
            claim_id,
            when,
            datetime.timedelta(minutes=5),
            None,
        )
        self.assertEqual(tuple(row), ("granted", claim_id))
        lines = json.dumps([{"sku": "A-2", "quantity": 3}])
        row = await shop.fetchrow("SELECT outcome, available FROM claim(lines => $1)", lines)
        self.assertEqual(tuple(row), ("granted", 95))
        row = await shop.fetchrow("SELECT $1::int2, $2::int4, $3::int8, $4::text", 1, 2, 3, "4")
        self.assertEqual(tuple(row), (1, 2, 3, "4"))
        rows = await shop.fetch(
            "SELECT sku FROM stock WHERE sku IN ($1, $2) LIMIT $3", "none", "A-2", 9
        )
        self.assertEqual([row["sku"] for row in rows], ["A-2"])
        rows = await shop.fetch("SELECT sku FROM stock WHERE sku = ANY($1)", ["none", "A-2", None])
        self.assertEqual([row["sku"] for row in rows], ["A-2"])
        # For uuid[] the driver asks the catalogue.
        query = "SELECT customer, held FROM claims WHERE claim_id = ANY($1)"
        rows = await shop.fetch(query, [claim_id, uuid.uuid4(), None])
        self.assertEqual([tuple(row) for row in rows], [(None, 2)])
        self.assertEqual(await shop.fetch(query, []), [])
        define = await shop.prepare(
            "SELECT outcome FROM define_item('A-2', barcodes => $1::text[])"
        )
        self.assertEqual([p.name for p in define.get_parameters()], ["text[]"])
        self.assertEqual(await define.fetchval(["1", 'say "2"']), "done")
        barcodes = await shop.fetchval("SELECT barcodes FROM items WHERE sku = 'A-2'")
        self.assertEqual(json.loads(barcodes), ["1", 'say "2"'])
        with self.assertRaisesRegex(asyncpg.FeatureNotSupportedError, "2 dimensions"):
            await shop.fetch("SELECT sku FROM stock WHERE sku = ANY($1)", [["A-2"], ["none"]])
        with self.assertRaisesRegex(asyncpg.ProgramLimitExceededError, "1001 elements"):
            await shop.fetch("SELECT sku FROM stock WHERE sku = ANY($1)", ["A-2"] * 1001)
        with self.assertRaises(asyncpg.DataError):  # the driver's own check
            await shop.fetch("SELECT * FROM claim($1, $2)", "A-2", "one")

    async def test_prepared(self):
        self.stock_up("A-3", 8)
        shop = await self.connect()
        claim = await shop.prepare("SELECT granted, available FROM claim($1, $2)")
        self.assertEqual([p.name for p in claim.get_parameters()], ["text", "int8"])
        self.assertEqual(
            [(a.name, a.type.name) for a in claim.get_attributes()],
            [("granted", "bool"), ("available", "int8")],
        )
        seen = [tuple(await claim.fetchrow("A-3", 1)) for _ in range(10)]
        self.assertEqual(seen, [(True, n) for n in range(7, -1, -1)] + [(False, 0)] * 2)

    async def test_many_at_once(self):
        """executemany is one pipeline up to one Sync: all or none."""
        self.stock_up("A-4", 5)
        shop = await self.connect()
        await shop.executemany("SELECT granted FROM claim($1, $2)", [("A-4", 1)] * 3)
        self.assertEqual(await self.level(shop, "A-4"), (2, 0, 3))
        with self.assertRaises(asyncpg.InvalidParameterValueError):
            await shop.executemany(
                "SELECT granted FROM claim($1, $2)", [("A-4", 1), ("A-4", 0), ("A-4", 1)]
            )
        self.assertEqual(await self.level(shop, "A-4"), (2, 0, 3))

    async def test_errors(self):
        shop = await self.connect()
        for sql, error in (
            ("SELEC 1", asyncpg.PostgresSyntaxError),
            ("SELECT * FROM nonsense", asyncpg.UndefinedTableError),
            ("SELECT nonsense FROM stock WHERE sku = 'A'", asyncpg.UndefinedColumnError),
            ("SELECT * FROM nonsense(1)", asyncpg.UndefinedFunctionError),
            ("SELECT * FROM claim('A', 0)", asyncpg.InvalidParameterValueError),
            ("SELECT * FROM claim('A', 'one')", asyncpg.InvalidTextRepresentationError),
            ("SELECT now()", asyncpg.FeatureNotSupportedError),
        ):
            with self.subTest(sql), self.assertRaises(error):
                await shop.fetch(sql)
        self.assertEqual(await shop.fetchval("SELECT 1"), 1)

    async def test_transactions(self):
        self.stock_up("A-5", 5)
        shop, other = await self.connect(), await self.connect()
        async with shop.transaction():
            self.assertTrue(await shop.fetchval("SELECT granted FROM claim('A-5', 2)"))
            self.assertEqual(await self.level(other, "A-5"), (3, 2, 0))
            self.assertEqual(
                await other.fetchval("SELECT outcome FROM claim('A-5', 5)"), "contended"
            )
            with self.assertRaises(asyncpg.InvalidParameterValueError):
                async with shop.transaction():  # a savepoint
                    await shop.fetchval("SELECT granted FROM claim('A-5', 1)")
                    await shop.fetchval("SELECT granted FROM claim('A-5', 0)")
            async with shop.transaction():
                await shop.fetchval("SELECT granted FROM claim('A-5', 1)")
        self.assertEqual(await self.level(other, "A-5"), (2, 0, 3))

        undone = shop.transaction()
        await undone.start()
        await shop.fetchval("SELECT granted FROM claim('A-5', 1)")
        await undone.rollback()
        self.assertEqual(await self.level(other, "A-5"), (2, 0, 3))

        held = await other.fetchval("SELECT claim_id FROM claim('A-5', 1, hold_for => '1 hour')")
        with self.assertRaises(asyncpg.SerializationError):
            async with shop.transaction():
                await shop.fetchval("SELECT outcome FROM confirm($1)", held)
                await other.fetchval("SELECT outcome FROM release($1)", held)
        self.assertEqual(await self.level(other, "A-5"), (2, 0, 3))

        with self.assertRaises(asyncpg.ReadOnlySQLTransactionError):
            async with shop.transaction(readonly=True):
                await shop.fetchval("SELECT granted FROM claim('A-5', 1)")
        with self.assertRaises(asyncpg.InFailedSQLTransactionError):
            async with shop.transaction():
                with self.assertRaises(asyncpg.UndefinedTableError):
                    await shop.fetchval("SELECT * FROM nonsense")
                await shop.fetchval("SELECT 1")
        with self.assertRaises(asyncpg.SerializationError):
            async with shop.transaction(isolation="serializable"):
                await shop.fetchval("SELECT available FROM stock WHERE sku = 'A-5'")
                self.sql("SELECT * FROM receive('A-5', 1)")
        self.assertEqual(await shop.fetchval("SELECT 1"), 1)

    async def test_cursor(self):
        """Rows in portions: a named portal in a block."""
        self.stock_up("A-6", 1)
        for index in range(7):
            self.sql(
                f"SELECT * FROM define_location('A-L{index}');"
                f"SELECT * FROM receive('A-6', {index + 1}, 'A-L{index}')"
            )
        shop = await self.connect()
        async with shop.transaction():
            units = [
                row["on_hand"]
                async for row in shop.cursor(
                    "SELECT on_hand FROM stock WHERE sku = $1", "A-6", prefetch=3
                )
            ]
        self.assertEqual(sorted(units), [1, 1, 2, 3, 4, 5, 6, 7])

    async def test_pool(self):
        self.stock_up("A-7", 30)
        pool = await asyncpg.create_pool(
            host="127.0.0.1",
            port=self.server.port,
            user="holdfast",
            database="holdfast",
            min_size=2,
            max_size=4,
        )
        self.addAsyncCleanup(pool.close)

        async def buy():
            async with pool.acquire() as shop:
                await shop.execute("SET application_name = 'buyer'")
                return await shop.fetchval("SELECT granted FROM claim($1, $2)", "A-7", 1)

        granted = await asyncio.gather(*(buy() for _ in range(40)))
        self.assertEqual(sum(granted), 30)
        self.assertEqual(await pool.fetchval("SHOW application_name"), "", "reset between users")
        # A connection that is given back inside a block is rolled back, and the driver says so.
        said = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: said.append(what))
        async with pool.acquire() as shop:
            await shop.execute("BEGIN; SELECT * FROM receive('A-7', 9)")
        self.assertEqual(await self.level(pool, "A-7"), (0, 0, 30))
        self.assertEqual(len(said), 1)

    async def test_session(self):
        shop = await self.connect(
            server_settings={"application_name": "till", "statement_timeout": "5s", "jit": "off"}
        )
        self.assertEqual(await shop.fetchval("SHOW application_name"), "till")
        self.assertEqual(shop.get_server_version()[:1], (15,))
        self.assertEqual(shop.get_settings().TimeZone, "UTC")
        self.assertGreater(shop.get_server_pid(), 0)
        await shop.reset()
        await shop.reload_schema_state()
        # What looks into the catalogue is not there yet, and says so.
        with self.assertRaises(asyncpg.FeatureNotSupportedError):
            await shop.set_type_codec(
                "jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
            )
        self.assertEqual(await shop.fetchval("SELECT 1"), 1)


if __name__ == "__main__":
    unittest.main()
