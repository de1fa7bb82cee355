#!/usr/bin/python3
"""COPY … FROM STDIN through psql, psycopg and asyncpg: what comes is there, or it is said which row
was wrong and what has taken effect."""

import asyncio
import io
import pathlib
import subprocess
import sys
import unittest

import asyncpg
import psycopg
import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, servers  # noqa: E402

ROWS_PER_CHUNK = 1000


class Copy(LedgerTest):
    def dsn(self):
        return f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast"

    def connect(self, **options):
        return psycopg.connect(self.dsn(), **options)

    def define(self, *skus):
        values = ", ".join(f"('{sku}')" for sku in skus)
        self.sql(f"INSERT INTO items (sku) VALUES {values}")

    def units(self, prefix, count):
        """How many of the items prefix-0 … have a level, and the sum of their units."""
        skus = ", ".join(f"'{prefix}-{number}'" for number in range(count))
        rows = self.sql(f"SELECT on_hand FROM stock WHERE sku IN ({skus})")
        return len(rows), sum(int(row) for row in rows)

    def test_psql_copies_a_file_of_its_own(self):
        file = self.place / "items.csv"
        file.write_text('sku,title,attributes\nF-1,"A ""red"" shoe, new","{""size"": 9}"\nF-2,,\n')
        servers.psql(
            self.server, f"\\copy items (sku, title, attributes) FROM '{file}' CSV HEADER"
        )
        self.assertEqual(
            self.sql("SELECT title, attributes FROM items WHERE sku IN ('F-1', 'F-2')"),
            ['A "red" shoe, new|{"size": 9}', "|"],
        )

    def test_all_relations_in_text(self):
        out, error = self.psql_script(
            "COPY locations (location, priority) FROM STDIN;\nBER\t5\nPAR\t\\N\n\\.\n"
            'COPY channels (channel, locations) FROM STDIN;\nweb\t["BER", "PAR"]\n\\.\n'
            "COPY items (sku, title) FROM STDIN (DELIMITER '|', NULL '');\nT-3|Shoe\nT-4|\n\\.\n"
            "COPY stock (sku, location, on_hand) FROM STDIN;\nT-3\tBER\t7\nT-4\tPAR\t0\n\\.\n"
        )
        self.assertEqual((out, error), (["COPY 2", "COPY 1", "COPY 2", "COPY 2"], ""))
        self.assertEqual(
            self.sql("SELECT sku, location, on_hand FROM stock WHERE sku IN ('T-3', 'T-4')"),
            ["T-3|BER|7", "T-4|PAR|0"],
        )

    def psql_script(self, script):
        done = subprocess.run(
            ["psql", self.dsn(), "-X", "-f", "-"],
            input=script,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout.splitlines(), done.stderr

    def test_many_rows(self):
        count = 4 * ROWS_PER_CHUNK + 17
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            with cursor.copy("COPY items (sku, title) FROM STDIN") as copy:
                for number in range(count):
                    copy.write_row((f"M-{number}", f"number {number}"))
            self.assertEqual(cursor.rowcount, count)
            with cursor.copy("COPY stock (sku, location, on_hand) FROM STDIN") as copy:
                for number in range(count):
                    copy.write_row((f"M-{number}", "main", number))
            self.assertEqual(cursor.statusmessage, f"COPY {count}")
            first = self.units("M", ROWS_PER_CHUNK)
            self.assertEqual(first, (ROWS_PER_CHUNK, sum(range(ROWS_PER_CHUNK))))

    def test_binary(self):
        self.define("B-1", "B-2")
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            copied = "COPY stock (sku, location, on_hand) FROM STDIN (FORMAT binary)"
            with cursor.copy(copied) as copy:
                copy.set_types(["text", "text", "int8"])
                copy.write_row(("B-1", "main", 3))
                copy.write_row(("B-2", "main", 2**53 - 1))
            self.assertEqual(cursor.rowcount, 2)
        self.assertEqual(self.level("B-2")[0], 2**53 - 1)

    def test_asyncpg_copies_text(self):
        async def work():
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.server.port, user="holdfast", database="holdfast"
            )
            try:
                return await connection.copy_to_table(
                    "items", source=io.BytesIO(b"A-1,One\nA-2,\n"), columns=["sku", "title"],
                    format="csv",
                )  # fmt: skip
            finally:
                await connection.close()

        self.assertEqual(asyncio.run(work()), "COPY 2")
        self.assertEqual(self.sql("SELECT title FROM items WHERE sku = 'A-1'"), ["One"])

    def test_a_wrong_row_is_named_and_what_is_in_is_said(self):
        self.define(*(f"W-{number}" for number in range(100)))
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            with self.assertRaises(psycopg.errors.InvalidTextRepresentation) as wrong:
                with cursor.copy("COPY stock (sku, on_hand) FROM STDIN") as copy:
                    copy.write("W-0\t1\nW-1\tmany\n")
            self.assertEqual(wrong.exception.diag.context, "COPY stock, line 2")
            self.assertIn("on_hand", wrong.exception.diag.message_primary)
            self.assertEqual(self.units("W", 100), (0, 0))
            with self.assertRaises(psycopg.errors.UniqueViolation) as twice:
                with cursor.copy("COPY stock (sku, on_hand) FROM STDIN") as copy:
                    copy.write("W-0\t1\nW-1\t1\nW-0\t1\n")
            self.assertEqual(twice.exception.diag.context, "COPY stock, line 3")
            self.assertEqual(twice.exception.diag.constraint_name, "stock_pkey")
            self.assertEqual(self.units("W", 100), (0, 0))
            with self.assertRaises(psycopg.errors.ForeignKeyViolation) as unknown:
                with cursor.copy("COPY items (sku) FROM STDIN") as copy:
                    for number in range(ROWS_PER_CHUNK):
                        copy.write_row((f"V-{number}",))
                with cursor.copy("COPY stock (sku, on_hand) FROM STDIN") as copy:
                    for number in range(ROWS_PER_CHUNK):
                        copy.write_row((f"V-{number}", 1))
                    copy.write_row(("nobody", 1))
                    copy.write_row(("W-0", 1))
            self.assertEqual(
                unknown.exception.diag.context, f"COPY stock, line {ROWS_PER_CHUNK + 1}"
            )
            self.assertTrue(
                unknown.exception.diag.message_hint.startswith("The first 1000 rows have taken")
            )
            self.assertEqual(self.units("V", ROWS_PER_CHUNK), (ROWS_PER_CHUNK, ROWS_PER_CHUNK))
            self.assertEqual(self.units("W", 1), (0, 0))
            self.assertEqual(cursor.execute("SELECT 1").fetchone(), (1,))

    def test_in_a_transaction_it_is_all_or_nothing(self):
        self.define("X-0", "X-1")
        connection = psycopg2.connect(self.dsn())
        cursor = connection.cursor()
        cursor.copy_expert("COPY stock (sku, on_hand) FROM STDIN", io.StringIO("X-0\t5\nX-1\t5\n"))
        self.assertEqual(cursor.rowcount, 2)
        self.assertEqual(self.units("X", 2), (0, 0))
        connection.rollback()
        self.assertEqual(self.units("X", 2), (0, 0))
        cursor.copy_expert("COPY stock (sku, on_hand) FROM STDIN", io.StringIO("X-0\t5\nX-1\t5\n"))
        connection.commit()
        connection.close()
        self.assertEqual(self.units("X", 2), (2, 10))

    def test_the_client_gives_up(self):
        self.define("G-0")
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            with self.assertRaises(psycopg.errors.QueryCanceled):
                with cursor.copy("COPY stock (sku, on_hand) FROM STDIN") as copy:
                    copy.write("G-0\t5\n")
                    raise RuntimeError("no more")
            self.assertEqual(cursor.execute("SELECT 1").fetchone(), (1,))
        self.assertEqual(self.units("G", 1), (0, 0))

    def test_what_it_does_not_do(self):
        with self.connect(autocommit=True) as connection:
            for statement, state in (
                ("COPY stock FROM '/etc/passwd'", "0A000"),
                ("COPY stock FROM PROGRAM 'id'", "0A000"),
                ("COPY stock TO STDOUT", "0A000"),
                ("COPY shoes FROM STDIN", "42P01"),
                ("COPY stock (colour) FROM STDIN", "42703"),
                ("COPY stock FROM STDIN (FORMAT xml)", "22023"),
                ("COPY stock FROM STDIN (HEADER)", "0A000"),
            ):
                with self.subTest(statement), self.assertRaises(psycopg.Error) as refused:
                    connection.execute(statement)
                self.assertEqual(refused.exception.sqlstate, state)


if __name__ == "__main__":
    unittest.main()
