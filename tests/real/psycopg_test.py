#!/usr/bin/python3
"""psycopg 2 and 3 with autocommit: parameters, types, pipelines, errors with their SQLSTATE."""

import datetime
import json
import pathlib
import sys
import unittest
import uuid

import psycopg
import psycopg2
import psycopg2.errors

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest  # noqa: E402


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

    def test_lines_as_json(self):
        self.stock_up("Y-3", 10)
        lines = json.dumps([{"sku": "Y-3", "quantity": 2}])
        row = (
            self.connect()
            .execute("SELECT outcome, lines FROM claim(lines => %s)", (lines,))
            .fetchone()
        )
        self.assertEqual(row[0], "granted")

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
    def connect(self):
        connection = psycopg2.connect(
            f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast"
        )
        connection.autocommit = True
        self.addCleanup(connection.close)
        return connection

    def test_claim(self):
        self.stock_up("X-1", 4)
        with self.connect().cursor() as cursor:
            cursor.execute("SELECT granted, available FROM claim(%s, %s)", ("X-1", 3))
            self.assertEqual(cursor.fetchone(), (True, 1))
            cursor.execute("SELECT granted, available FROM claim(%s, %s)", ("X-1", 3))
            self.assertEqual(cursor.fetchone(), (False, 1))

    def test_error(self):
        with self.connect().cursor() as cursor:
            with self.assertRaises(psycopg2.errors.SyntaxError):
                cursor.execute("SELEC 1")
            cursor.execute("SELECT 1")
            self.assertEqual(cursor.fetchone(), (1,))


if __name__ == "__main__":
    unittest.main()
