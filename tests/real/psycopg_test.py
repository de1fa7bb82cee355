#!/usr/bin/python3
"""psycopg 2 and 3: parameters, types, pipelines, errors with their SQLSTATE; psycopg 2 also in
blocks and in its pool (psycopg 3 in blocks: transaction_test.py)."""

import datetime
import json
import pathlib
import sys
import unittest
import uuid

import psycopg
import psycopg.types
import psycopg2
import psycopg2.errors
import psycopg2.extras
import psycopg2.pool

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, at_once  # noqa: E402


class Psycopg3(LedgerTest):
    def connect(self):
        connection = psycopg.connect(
            f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast", autocommit=True
        )
        self.addCleanup(connection.close)
        return connection

    def test_types(self):
        self.stock_up("Y-1", 10)
        row = (
            self.connect()
            .execute(
                "SELECT granted, outcome, claim_id, expires_at, available, seq "
                "FROM claim(%s, %s, hold_for => %s)",
                ("Y-1", 3, "10 minutes"),
            )
            .fetchone()
        )
        self.assertEqual(row[:2], (True, "granted"))
        self.assertIsInstance(row[2], uuid.UUID)
        self.assertIsInstance(row[3], datetime.datetime)
        left = row[3] - datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs(left.total_seconds() - 600), 60)
        self.assertEqual(row[4], 7)

    def test_binary_results(self):
        self.stock_up("Y-2", 10)
        connection = self.connect()
        with connection.cursor(binary=True) as cursor:
            row = cursor.execute(
                "SELECT granted, claim_id, available, seq FROM claim(%s, %s)", ("Y-2", 1)
            ).fetchone()
        self.assertEqual((row[0], row[2]), (True, 9))
        self.assertIsInstance(row[1], uuid.UUID)

    def test_parameters(self):
        """A small int is an int2 to psycopg, a bigger one an int4 or int8."""
        self.stock_up("Y-6", 200_000)
        shop = self.connect()
        claim_id = uuid.uuid4()
        when = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
        for placeholder in ("%s", "%t", "%b"):  # the driver's choice, text, binary
            for units in (1, 70_000 if placeholder == "%s" else 2):
                row = shop.execute(
                    f"SELECT outcome FROM claim({placeholder}, {placeholder})", ("Y-6", units)
                ).fetchone()
                self.assertEqual(row, ("granted",))
        row = shop.execute(
            "SELECT outcome, claim_id FROM claim(sku => %s, quantity => %s, partial => %s, "
            "claim_id => %s, occurred_at => %s, hold_for => %s, customer => %s)",
            ("Y-6", 1, True, claim_id, when, datetime.timedelta(minutes=5), None),
        ).fetchone()
        self.assertEqual(row, ("granted", claim_id))
        row = shop.execute("SELECT held FROM claims WHERE claim_id = %s", (claim_id,)).fetchone()
        self.assertEqual(row, (1,))
        lines = psycopg.types.json.Jsonb([{"sku": "Y-6", "quantity": 1}])
        row = shop.execute("SELECT outcome FROM claim(lines => %s)", (lines,)).fetchone()
        self.assertEqual(row, ("granted",))
        query = "SELECT sku FROM stock WHERE sku = ANY(%s)"
        self.assertEqual(shop.execute(query, (["none", "Y-6"],)).fetchall(), [("Y-6",)])
        query = "SELECT held FROM claims WHERE claim_id = ANY(%s)"
        for binary in (False, True):
            with shop.cursor(binary=binary) as cursor:
                for ids in ([claim_id], [claim_id, None], [str(claim_id)]):
                    self.assertEqual(cursor.execute(query, (ids,)).fetchall(), [(1,)])
                self.assertEqual(cursor.execute(query, ([],)).fetchall(), [])
        for mark in ("%t", "%b"):
            cursor = shop.execute(f"SELECT sku FROM stock WHERE sku = ANY({mark})", (["Y-6"],))
            self.assertEqual(cursor.fetchall(), [("Y-6",)])
            cursor = shop.execute(query.replace("%s", mark), ([claim_id],))
            self.assertEqual(cursor.fetchall(), [(1,)])
            define = f"SELECT outcome FROM define_item('Y-6', barcodes => {mark})"
            self.assertEqual(shop.execute(define, (["1", mark],)).fetchone(), ("done",))
            cursor = shop.execute("SELECT barcodes FROM items WHERE sku = 'Y-6'")
            self.assertEqual(cursor.fetchone(), (["1", mark],))
        with self.assertRaises(psycopg.errors.UndefinedFunction):
            shop.execute("SELECT sku FROM stock WHERE sku = ANY(%s)", ([1, 2],))
        with self.assertRaises(psycopg.errors.FeatureNotSupported):  # units are whole
            shop.execute("SELECT * FROM claim('Y-6', %s)", (1.0,))

    def test_types_by_name(self):
        """What SQLAlchemy 2 asks at connect."""
        shop = self.connect()
        self.assertIsNone(psycopg.types.TypeInfo.fetch(shop, "hstore"))
        self.assertEqual(psycopg.types.TypeInfo.fetch(shop, "jsonb").oid, 3802)
        self.assertEqual(psycopg.types.TypeInfo.fetch(shop, "bigint").name, "int8")

    def test_lines_as_json(self):
        self.stock_up("Y-3", 10)
        lines = json.dumps([{"sku": "Y-3", "quantity": 2}])
        row = (
            self.connect()
            .execute("SELECT outcome, lines FROM claim(lines => %s)", (lines,))
            .fetchone()
        )
        self.assertEqual(row[0], "granted")
        self.assertEqual(row[1][0]["granted"], 2)

    def test_pipeline(self):
        self.stock_up("Y-4", 5)
        connection = self.connect()
        with connection.pipeline():
            cursors = [
                connection.execute("SELECT granted FROM claim(%s, %s)", ("Y-4", 1))
                for _ in range(8)
            ]
        self.assertEqual([c.fetchone()[0] for c in cursors], [True] * 5 + [False] * 3)

    def test_prepared_after_five_executions(self):
        self.stock_up("Y-5", 100)
        connection = self.connect()
        seen = [
            connection.execute("SELECT available FROM claim(%s, %s)", ("Y-5", 1)).fetchone()[0]
            for _ in range(12)
        ]
        self.assertEqual(seen, list(range(99, 87, -1)))

    def test_error_keeps_the_connection(self):
        connection = self.connect()
        with self.assertRaises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM nonsense")
        self.assertEqual(connection.execute("SELECT 1").fetchone(), (1,))


class Psycopg2(LedgerTest):
    def connect(self, autocommit=True):
        connection = psycopg2.connect(
            f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast"
        )
        connection.autocommit = autocommit
        self.addCleanup(connection.close)
        return connection

    def row(self, connection, sql, values=None):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()

    def units(self, connection, sku):
        return self.row(
            connection, "SELECT available, held, committed FROM stock WHERE sku = %s", (sku,)
        )

    def test_claim(self):
        self.stock_up("X-1", 4)
        with self.connect().cursor() as cursor:
            cursor.execute("SELECT granted, available FROM claim(%s, %s)", ("X-1", 3))
            self.assertEqual(cursor.fetchone(), (True, 1))
            cursor.execute("SELECT granted, available FROM claim(%s, %s)", ("X-1", 3))
            self.assertEqual(cursor.fetchone(), (False, 1))

    def test_types(self):
        self.stock_up("X-2", 10)
        shop = self.connect()
        shown = self.row(
            shop,
            "SELECT claim_id, expires_at, lines, message FROM claim(%s, 1, hold_for => %s)",
            ("X-2", datetime.timedelta(minutes=10)),
        )
        self.assertEqual(str(uuid.UUID(shown[0])), shown[0], "a text unless it is asked for")
        self.assertEqual(shown[1].utcoffset(), datetime.timedelta(0))
        self.assertEqual((shown[2][0]["granted"], shown[3]), (1, None))
        psycopg2.extras.register_uuid(conn_or_curs=shop)
        claim_id = uuid.uuid4()
        when = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
        lines = psycopg2.extras.Json([{"sku": "X-2", "quantity": 2}])
        self.assertEqual(
            self.row(
                shop,
                "SELECT outcome, claim_id FROM claim(lines => %s, partial => %s, claim_id => %s, "
                "occurred_at => %s, customer => %s)",
                (lines, True, claim_id, when, None),
            ),
            ("granted", claim_id),
        )
        for query, values in (("= ANY(%s)", ["none", "X-2"]), ("IN %s", ("none", "X-2"))):
            sql = f"SELECT sku FROM stock WHERE sku {query}"
            self.assertEqual(self.row(shop, sql, (values,)), ("X-2",))

    def test_many(self):
        """execute_batch joins statements with ; so that they are one transaction."""
        self.stock_up("X-3", 5)
        shop = self.connect()
        claim = "SELECT granted FROM claim(%s, %s)"
        with shop.cursor() as cursor:
            psycopg2.extras.execute_batch(cursor, claim, [("X-3", 1)] * 3)
            with self.assertRaises(psycopg2.errors.InvalidParameterValue):
                psycopg2.extras.execute_batch(cursor, claim, [("X-3", 1), ("X-3", 0)])
        self.assertEqual(self.units(shop, "X-3"), (2, 0, 3))

    def test_error(self):
        with self.connect().cursor() as cursor:
            for sql, error in (
                ("SELEC 1", psycopg2.errors.SyntaxError),
                ("SELECT * FROM nonsense", psycopg2.errors.UndefinedTable),
                ("SELECT * FROM claim('A', 0)", psycopg2.errors.InvalidParameterValue),
                ("SELECT * FROM claim('A', 'one')", psycopg2.errors.InvalidTextRepresentation),
                ("SELECT now()", psycopg2.errors.FeatureNotSupported),
            ):
                with self.assertRaises(error):
                    cursor.execute(sql)
            cursor.execute("SELECT 1")
            self.assertEqual(cursor.fetchone(), (1,))

    def test_transactions(self):
        self.stock_up("X-4", 5)
        shop, other = self.connect(autocommit=False), self.connect()
        with shop:
            self.assertEqual(self.row(shop, "SELECT granted FROM claim('X-4', 2)"), (True,))
            self.assertEqual(self.units(other, "X-4"), (3, 2, 0))
            self.assertEqual(self.row(other, "SELECT outcome FROM claim('X-4', 5)"), ("contended",))
            with shop.cursor() as cursor:
                cursor.execute("SAVEPOINT before")
                with self.assertRaises(psycopg2.errors.InvalidParameterValue):
                    cursor.execute("SELECT granted FROM claim('X-4', 0)")
                with self.assertRaises(psycopg2.errors.InFailedSqlTransaction):
                    cursor.execute("SELECT 1")
                cursor.execute("ROLLBACK TO SAVEPOINT before")
        self.assertEqual(self.units(other, "X-4"), (3, 0, 2))
        with self.assertRaises(ZeroDivisionError), shop:
            self.row(shop, "SELECT granted FROM claim('X-4', 1)")
            raise ZeroDivisionError
        self.assertEqual(self.units(other, "X-4"), (3, 0, 2))
        (held,) = self.row(other, "SELECT claim_id FROM claim('X-4', 1, hold_for => '1 hour')")
        self.row(shop, "SELECT outcome FROM confirm(%s)", (held,))
        self.row(other, "SELECT outcome FROM release(%s)", (held,))
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            shop.commit()
        shop.set_session(readonly=True)
        with self.assertRaises(psycopg2.errors.ReadOnlySqlTransaction):
            self.row(shop, "SELECT granted FROM claim('X-4', 1)")
        shop.rollback()
        shop.set_session(isolation_level="SERIALIZABLE", readonly=False)
        self.assertEqual(self.row(shop, "SHOW transaction_isolation"), ("serializable",))
        self.assertEqual(self.units(shop, "X-4"), (3, 0, 2))
        self.assertEqual(self.row(shop, "SELECT granted FROM claim('X-4', 1)"), (True,))
        shop.commit()
        self.assertEqual(self.units(shop, "X-4"), (2, 0, 3))
        self.row(other, "SELECT outcome FROM receive('X-4', 1)")
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.row(shop, "SELECT outcome FROM receive('X-4', 1)")
        shop.rollback()
        self.assertEqual(self.units(other, "X-4"), (3, 0, 3))

    def test_reset(self):
        shop = self.connect()
        self.row(shop, "SELECT 1")
        with shop.cursor() as cursor:
            cursor.execute("SET application_name = 'till'")
        shop.reset()
        self.assertEqual(self.row(shop, "SHOW application_name"), ("",))

    def test_pool(self):
        self.stock_up("X-5", 30)
        pool = psycopg2.pool.ThreadedConnectionPool(
            1, 6, f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast"
        )
        self.addCleanup(pool.closeall)
        sold = []

        def buy(_):
            for _ in range(8):
                shop = pool.getconn()
                if self.row(shop, "SELECT granted FROM claim('X-5', 1)")[0]:
                    sold.append(1)
                shop.commit()
                self.row(shop, "SELECT outcome FROM receive('X-5', 1)")
                pool.putconn(shop)  # rolls back what is open

        at_once(buy, 6)
        self.assertEqual(len(sold), 30)
        self.assertEqual(self.level("X-5"), (30, 0, 0, 30))


if __name__ == "__main__":
    unittest.main()
