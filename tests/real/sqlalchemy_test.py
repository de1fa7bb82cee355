#!/usr/bin/python3
"""SQLAlchemy Core on psycopg2, as a user has it: no option of the dialect is changed."""

import datetime
import json
import pathlib
import sys
import unittest
import uuid

import sqlalchemy
from sqlalchemy import column, func, select, table, text

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, at_once  # noqa: E402

STOCK = table("stock", column("sku"), column("available"), column("held"), column("committed"))
CLAIM = text("SELECT granted, outcome FROM claim(:sku, :quantity)")


class SqlAlchemy(LedgerTest):
    def engine(self, **options):
        engine = sqlalchemy.create_engine(
            f"postgresql+psycopg2://holdfast@127.0.0.1:{self.server.port}/holdfast",
            future=True,
            **options,
        )
        self.addCleanup(engine.dispose)
        return engine

    def setUp(self):
        self.shop = self.engine()

    def level(self, sku):
        query = select(STOCK.c.available, STOCK.c.held, STOCK.c.committed).where(STOCK.c.sku == sku)
        with self.shop.connect() as connection:
            return tuple(connection.execute(query).one())

    def test_types(self):
        self.stock_up("S-1", 10)
        with self.shop.begin() as connection:
            row = connection.execute(
                text(
                    "SELECT granted, outcome, claim_id, expires_at, available, lines, message "
                    "FROM claim(:sku, :quantity, hold_for => :hold)"
                ),
                {"sku": "S-1", "quantity": 3, "hold": datetime.timedelta(minutes=10)},
            ).one()
        self.assertEqual((row.granted, row.outcome, row.available), (True, "granted", 7))
        self.assertIsInstance(row.claim_id, uuid.UUID)
        self.assertEqual(row.expires_at.utcoffset(), datetime.timedelta(0))
        self.assertEqual(row.lines[0]["granted"], 3)
        self.assertIsNone(row.message)
        query = text("SELECT claim_id, held FROM claims WHERE claim_id = :id")
        with self.shop.connect() as connection:
            found = connection.execute(query, {"id": row.claim_id}).one()
        self.assertEqual(tuple(found), (row.claim_id, 3))

    def test_expressions(self):
        self.stock_up("S-2", 10)
        with self.shop.begin() as connection:
            claim = func.claim("S-2", 4).table_valued("granted", "outcome", "available")
            row = connection.execute(select(claim.c.granted, claim.c.available)).one()
            self.assertEqual(tuple(row), (True, 6))
            claims = func.claim("S-2", 8).table_valued("granted", "outcome", "available")
            self.assertEqual(
                tuple(connection.execute(select(claims.c.granted, claims.c.outcome)).one()),
                (False, "short_of_stock"),
            )
        with self.shop.connect() as connection:
            query = select(STOCK).where(STOCK.c.sku.in_(["none", "S-2"])).limit(5)
            self.assertEqual(connection.execute(query).all(), [("S-2", 6, 0, 4)])
            alias = STOCK.alias()
            query = select(alias.c.available.label("left")).where(alias.c.sku == "S-2")
            self.assertEqual(connection.execute(query).mappings().one()["left"], 6)
            self.assertEqual(connection.execute(select(STOCK).where(STOCK.c.sku == "x")).all(), [])
            self.assertEqual(connection.scalar(select(func.can_claim("S-2", "default", 6))), True)
            self.assertEqual(connection.scalar(select(1)), 1)

    def test_parameters(self):
        self.stock_up("S-3", 10)
        when = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
        claim_id = uuid.uuid4()
        with self.shop.begin() as connection:
            row = connection.execute(
                text(
                    "SELECT outcome, claim_id FROM claim(sku => :sku, quantity => :quantity, "
                    "partial => :partial, occurred_at => :at, customer => :customer, "
                    "claim_id => :id)"
                ),
                {
                    "sku": "S-3",
                    "quantity": 2,
                    "partial": True,
                    "at": when,
                    "customer": None,
                    "id": claim_id,
                },
            ).one()
            self.assertEqual(tuple(row), ("granted", claim_id))
            row = connection.execute(
                text("SELECT outcome, available FROM claim(lines => :lines)"),
                {"lines": json.dumps([{"sku": "S-3", "quantity": 3}])},
            ).one()
            self.assertEqual(tuple(row), ("granted", 5))
            query = text("SELECT sku FROM stock WHERE sku = ANY(:skus)")
            self.assertEqual(connection.scalars(query, {"skus": ["none", "S-3"]}).all(), ["S-3"])

    def test_many(self):
        self.stock_up("S-4", 5)
        with self.shop.begin() as connection:
            connection.execute(CLAIM, [{"sku": "S-4", "quantity": 1}] * 3)
        self.assertEqual(self.level("S-4"), (2, 0, 3))

    def test_errors(self):
        for sql, error, state in (
            ("SELEC 1", sqlalchemy.exc.ProgrammingError, "42601"),
            ("SELECT * FROM nonsense", sqlalchemy.exc.ProgrammingError, "42P01"),
            ("SELECT nope FROM stock WHERE sku = 'A'", sqlalchemy.exc.ProgrammingError, "42703"),
            ("SELECT * FROM claim('A', 0)", sqlalchemy.exc.DataError, "22023"),
            ("SELECT * FROM claim('A', 'one')", sqlalchemy.exc.DataError, "22P02"),
            ("SELECT now()", sqlalchemy.exc.NotSupportedError, "0A000"),
        ):
            with self.subTest(sql), self.shop.connect() as connection:
                with self.assertRaises(error) as caught:
                    connection.execute(text(sql))
                self.assertEqual(caught.exception.orig.pgcode, state)
        with self.shop.connect() as connection:
            self.assertEqual(connection.scalar(text("SELECT 1")), 1)

    def test_transactions(self):
        self.stock_up("S-5", 5)
        other = self.engine(isolation_level="AUTOCOMMIT").connect()
        self.addCleanup(other.close)
        claim_one = {"sku": "S-5", "quantity": 1}
        with self.shop.begin() as connection:
            connection.execute(CLAIM, {"sku": "S-5", "quantity": 2})
            self.assertEqual(self.level("S-5"), (3, 2, 0))
            outcome = other.execute(CLAIM, {"sku": "S-5", "quantity": 5}).one().outcome
            self.assertEqual(outcome, "contended")
            with self.assertRaises(sqlalchemy.exc.DataError):
                with connection.begin_nested():
                    connection.execute(CLAIM, claim_one)
                    connection.execute(CLAIM, {"sku": "S-5", "quantity": 0})
            with connection.begin_nested():
                connection.execute(CLAIM, claim_one)
        self.assertEqual(self.level("S-5"), (2, 0, 3))
        with self.shop.connect() as connection:  # left without commit()
            connection.execute(CLAIM, claim_one)
        self.assertEqual(self.level("S-5"), (2, 0, 3))

        held = other.scalar(text("SELECT claim_id FROM claim('S-5', 1, hold_for => '1 hour')"))
        with self.assertRaises(sqlalchemy.exc.OperationalError) as caught:
            with self.shop.begin() as connection:
                connection.execute(text("SELECT outcome FROM confirm(:id)"), {"id": held})
                other.execute(text("SELECT outcome FROM release(:id)"), {"id": held})
        self.assertEqual(caught.exception.orig.pgcode, "40001")
        self.assertEqual(self.level("S-5"), (2, 0, 3))

    def test_options(self):
        with self.shop.connect() as connection:
            self.assertEqual(connection.get_isolation_level(), "READ COMMITTED")
            self.assertEqual(connection.default_isolation_level, "READ COMMITTED")
        self.assertEqual(self.shop.dialect.server_version_info[0], 15)
        self.assertEqual(self.shop.dialect.default_schema_name, "public")
        with self.engine(isolation_level="READ COMMITTED").connect() as connection:
            self.assertEqual(connection.scalar(text("SELECT 1")), 1)
        with self.engine(isolation_level="SERIALIZABLE").connect() as connection:
            self.assertEqual(connection.get_isolation_level(), "SERIALIZABLE")
            self.assertEqual(connection.scalar(text("SHOW transaction_isolation")), "serializable")
        # Reflection needs the catalogue, which is not there yet, and says so.
        with self.assertRaises(sqlalchemy.exc.NotSupportedError):
            sqlalchemy.inspect(self.shop).get_table_names()

    def test_pool(self):
        self.stock_up("S-6", 30)
        shop = self.engine(pool_size=3, max_overflow=0, pool_pre_ping=True)
        sold = []

        def buy(_):
            for _ in range(8):
                with shop.begin() as connection:
                    row = connection.execute(CLAIM, {"sku": "S-6", "quantity": 1}).one()
                if row.granted:
                    sold.append(1)

        at_once(buy, 6)
        self.assertEqual(len(sold), 30)
        self.assertEqual(self.level("S-6"), (0, 0, 30))


if __name__ == "__main__":
    unittest.main()
