#!/usr/bin/python3
"""COPY … FROM STDIN through psql, psycopg and asyncpg: what comes is there, or it is said which row
was wrong and what has taken effect. COPY … TO: copy_out_test.py."""

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

import wire  # noqa: E402
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
                ("COPY shoes FROM STDIN", "42P01"),
                ("COPY stock (colour) FROM STDIN", "42703"),
                ("COPY stock FROM STDIN (FORMAT xml)", "22023"),
                ("COPY stock FROM STDIN (FORMAT binary, HEADER)", "0A000"),
            ):
                with self.subTest(statement), self.assertRaises(psycopg.Error) as refused:
                    connection.execute(statement)
                self.assertEqual(refused.exception.sqlstate, state)


class OnTheWire(LedgerTest):
    """What no client library does: everything that can come between CopyInResponse and its end."""

    def setUp(self):
        self.socket, self.stream = wire.connect(self.server.port)
        self.addCleanup(self.socket.close)
        self.assertEqual(wire.states(self.stream), [])

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def until(self, last):
        """The types of the messages up to one of that type."""
        seen = ""
        while not seen.endswith(last):
            head = self.stream.read(5)
            self.stream.read(int.from_bytes(head[1:], "big") - 4)
            seen += head[:1].decode()
        return seen

    def query(self, sql):
        return wire.frame(b"Q", sql.encode() + b"\0")

    data = staticmethod(lambda rows: wire.frame(b"d", rows))
    done = wire.frame(b"c")
    fail = wire.frame(b"f", b"no\0")

    def test_a_failure_ends_the_script(self):
        for rows in (self.fail, self.data(b"a\tb\n") + self.done, self.query("SELECT 1")):
            script = "COPY items (sku) FROM STDIN; INSERT INTO items (sku) VALUES ('O')"
            self.send(self.query(script))
            self.assertEqual(self.until("G"), "G")
            self.send(rows)
            self.assertEqual(self.until("Z"), "EZ")
        script = "INSERT INTO items (sku) VALUES ('O'); COPY items (sku) FROM STDIN; SELECT 1"
        self.send(self.query(script), self.fail)
        self.assertEqual(self.until("Z"), "CGEZ")
        self.assertEqual(self.sql("SELECT sku FROM items WHERE sku = 'O'"), [])

    def test_what_runs_is_counted_where_it_belongs(self):
        rows = "".join(f"R-{number}\n" for number in range(ROWS_PER_CHUNK)).encode()
        copy = self.query("COPY items (sku) FROM STDIN")
        self.send(copy, self.data(rows), self.fail, copy, self.data(b"S-1\n"), self.done)
        self.assertEqual(self.until("Z"), "GEZ")
        self.assertEqual(self.until("G"), "G")
        self.assertEqual(self.stream.read(1), b"C")
        self.assertEqual(self.stream.read(4 + len(b"COPY 1\0"))[4:], b"COPY 1\0")
        self.assertEqual(self.until("Z"), "Z")

    def test_behind_the_mark_of_the_end_nothing_counts(self):
        junk = [self.data(b"x" * 60_000)] * 10
        self.send(self.query("COPY items (sku) FROM STDIN"), self.data(b"E-1\n\\.\n"), *junk)
        self.send(self.done)
        self.assertEqual(self.until("Z"), "GCZ")

    def test_one_byte_at_a_time(self):
        row = b"B" + b"x" * 100 + b"\n"
        self.send(self.query("COPY items (sku) FROM STDIN"))
        self.send(*(self.data(row[at : at + 1]) for at in range(len(row))), self.done)
        self.assertEqual(self.until("Z"), "GCZ")

    def test_it_may_stand_behind_what_waits_for_a_sync(self):
        parse = wire.frame(b"P", b"\0INSERT INTO items (sku) VALUES ('P-1')\0\0\0")
        bind = wire.frame(b"B", b"\0\0\0\0\0\0\0\0")
        execute = wire.frame(b"E", b"\0\0\0\0\0")
        self.send(parse, bind, execute, self.query("COPY items (sku) FROM STDIN"))
        self.assertEqual(self.until("G"), "12CG")
        self.send(self.data(b"P-2\n"), self.done)
        self.assertEqual(self.until("Z"), "CZ")
        self.assertEqual(len(self.sql("SELECT sku FROM items WHERE sku IN ('P-1', 'P-2')")), 2)

    def test_a_block_that_refuses_it_says_so(self):
        self.send(self.query("BEGIN READ ONLY; COPY items (sku) FROM STDIN"))
        self.assertEqual(wire.states(self.stream), ["25006"])
        self.send(self.query("COPY items (sku) FROM STDIN"))
        self.assertEqual(wire.states(self.stream), ["25P02"])

    def test_too_large_a_message_ends_it_once(self):
        self.send(self.query("COPY items (sku) FROM STDIN"))
        self.assertEqual(self.until("G"), "G")
        self.send(self.query("x" * (1 << 20)), self.query("SELECT 1"))
        self.assertEqual(self.until("Z"), "EZ")
        self.assertEqual(self.until("Z"), "TDCZ")

    def test_who_leaves_in_the_middle_gives_everything_back(self):
        self.sql("INSERT INTO items (sku) VALUES ('L-1')")
        self.sql("INSERT INTO stock (sku, on_hand) VALUES ('L-1', 5)")
        script = (
            "BEGIN; UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'L-1' AND location = 'main' "
            "AND available >= 1; COPY items (sku) FROM STDIN"
        )
        for _ in range(3):
            socket, stream = wire.connect(self.server.port)
            wire.states(stream)
            socket.sendall(self.query(script) + wire.frame(b"X"))
            while stream.read(1):  # until the server has closed it
                pass
            stream.close()
            socket.close()
        for _ in range(1000):
            if self.level("L-1")[2] == 0:
                break
        self.assertEqual(self.level("L-1"), (5, 5, 0, 0))


if __name__ == "__main__":
    unittest.main()
