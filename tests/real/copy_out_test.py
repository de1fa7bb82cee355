#!/usr/bin/python3
"""COPY … TO STDOUT: byte for byte what PostgreSQL 15 sends, in every format; through psql, psycopg
and asyncpg; back into an empty ledger; of one moment, however slow the client is."""

import asyncio
import io
import itertools
import pathlib
import subprocess
import sys
import unittest

import asyncpg
import psycopg
import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import wire  # noqa: E402
from differential import schema  # noqa: E402
from differential.pair import Pair, prepare  # noqa: E402
from harness import LedgerTest, servers  # noqa: E402

TITLES = ["Shoe", None, 'say "hi"', "a,b;c|d", "back\\slash", "\\N", "\\.", "it's", "é", "NULL"]
LONG_BYTES = 1000
LONG_ROWS = 20_000  # more than a connection's buffers hold
SCANS_MAX = 8
FORMATS = [
    "",
    "(HEADER)",
    "(DELIMITER '|', NULL 'none')",
    "(FORMAT csv)",
    "(FORMAT csv, HEADER, FORCE_QUOTE *)",
    "(FORMAT csv, HEADER true, FORCE_QUOTE (title))",
    "(FORMAT csv, DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'NULL')",
    "(FORMAT csv, NULL '\\N')",
    "(FORMAT binary)",
]
ITEMS = ["sku", "title", "scale", "price_minor", "barcodes", "tracking"]
REFUSED = [
    "COPY items TO STDOUT (FORMAT xml)",
    "COPY items TO STDOUT (FORMAT binary, DELIMITER ',')",
    "COPY items TO STDOUT (FORMAT binary, HEADER)",
    "COPY items TO STDOUT (QUOTE '\"')",
    "COPY items TO STDOUT (FORCE_QUOTE *)",
    "COPY items (sku) TO STDOUT (FORMAT csv, FORCE_QUOTE (title))",
    "COPY items TO STDOUT (FORMAT csv, DELIMITER '\"')",
    "COPY items TO STDOUT (DELIMITER 'ab')",
    "COPY items TO STDOUT (DELIMITER 'a')",
    "COPY items TO STDOUT (NULL E'a\\nb')",
    "COPY items TO STDOUT (DELIMITER '|', NULL 'a|b')",
    "COPY items TO STDOUT (FORMAT csv, NULL '\"')",
    "COPY items TO STDOUT (HEADER, HEADER)",
    "COPY items (colour) TO STDOUT",
    "COPY items (sku, sku) TO STDOUT",
    "COPY shoes TO STDOUT",
    "COPY (SELECT colour FROM items) TO STDOUT",
]


def literal(text):
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


class BesidePostgres(LedgerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        postgres = servers.Postgres(cls.place, connections_max=20)
        cls.addClassCleanup(postgres.stop)
        prepare(postgres, servers.psql)
        servers.psql(postgres, schema.FRESH)
        cls.pair = Pair(cls.server, postgres)
        cls.addClassCleanup(cls.pair.close)
        values = ", ".join(
            f"('I-{number}', {literal(title)}, {number})" for number, title in enumerate(TITLES)
        )
        for sql in (
            f"INSERT INTO items (sku, title, scale) VALUES {values.replace(', 9)', ', 8)')}",
            "INSERT INTO stock (sku, location, on_hand) "
            "VALUES ('I-0', 'main', 7), ('I-1', 'main', 9)",
        ):
            holdfast, other = cls.pair.say(wire.query(sql))
            assert holdfast == other, (holdfast, other)

    def compare(self, sql):
        with self.subTest(sql):
            holdfast, other = self.pair.say(wire.query(sql))
            if " at " not in other[0]:
                holdfast[0] = holdfast[0].partition(" at ")[0]
            self.assertEqual(holdfast, other)

    def test_every_format_of_every_row(self):
        for form in FORMATS:
            for columns in (ITEMS, ["title"], ["title", "sku"]):
                if "(title)" not in form or "title" in columns:
                    self.compare(f"COPY items ({', '.join(columns)}) TO STDOUT {form}")
            self.compare(f"COPY (SELECT title, sku FROM items WHERE sku = 'I-2') TO STDOUT {form}")
            self.compare(f"COPY (SELECT title, sku FROM items WHERE sku = 'no') TO STDOUT {form}")
        for form in ("", "(FORMAT csv, HEADER)", "(FORMAT binary)"):
            self.compare(f"COPY stock (sku, location, lot, on_hand) TO STDOUT {form}")
            self.compare(f"COPY (SELECT sku, available, held FROM stock) TO STDOUT {form}")
            self.compare(f"COPY locations (location, title, priority, active) TO STDOUT {form}")
            self.compare(f"COPY (SELECT 1 AS a, 'x' AS b, NULL::text AS c, true) TO STDOUT {form}")

    def test_what_was_said_before_there_were_brackets(self):
        for form in ("CSV HEADER", "CSV FORCE QUOTE title", "DELIMITER '|' NULL ''", "BINARY"):
            self.compare(f"COPY items (sku, title) TO STDOUT WITH {form}")

    def test_in_scripts_and_blocks(self):
        for sql in (
            "SELECT 1; COPY items (sku) TO STDOUT; SELECT 2",
            "COPY items (sku) TO STDOUT; COPY items (title) TO STDOUT",
            "COPY items (sku) TO STDOUT; SELECT nope; SELECT 1",
            "BEGIN; COPY items (sku) TO STDOUT; COMMIT",
            "BEGIN READ ONLY",
            "COPY items (sku) TO STDOUT",
            "COPY items (nope) TO STDOUT",
            "COPY items (sku) TO STDOUT",
            "ROLLBACK",
        ):
            self.compare(sql)

    def test_what_is_wrong_is_said_alike(self):
        for sql in REFUSED:
            self.compare(sql)


class Clients(LedgerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with psycopg.connect(cls.dsn(), autocommit=True) as shop, shop.cursor() as cursor:
            with cursor.copy("COPY items (sku, title) FROM STDIN") as copy:
                for number, title in enumerate(TITLES):
                    copy.write_row((f"C-{number}", title))
            with cursor.copy("COPY stock (sku, location, on_hand) FROM STDIN") as copy:
                for number in range(len(TITLES)):
                    copy.write_row((f"C-{number}", "main", number))

    @classmethod
    def dsn(cls):
        return f"host=127.0.0.1 port={cls.server.port} user=holdfast dbname=holdfast"

    rows = [(f"C-{number}", title) for number, title in enumerate(TITLES)]

    def test_psycopg_3(self):
        with psycopg.connect(self.dsn()) as shop, shop.cursor() as cursor:
            with cursor.copy("COPY items (sku, title) TO STDOUT") as copy:
                self.assertEqual(list(copy.rows()), self.rows)
            with cursor.copy("COPY stock (sku, on_hand) TO STDOUT (FORMAT binary)") as copy:
                copy.set_types(["text", "int8"])
                self.assertEqual(
                    list(copy.rows()), [(sku, n) for n, (sku, _) in enumerate(self.rows)]
                )
            self.assertEqual(cursor.rowcount, len(TITLES))
            self.assertEqual(shop.info.transaction_status, psycopg.pq.TransactionStatus.INTRANS)

    def test_psycopg_2(self):
        shop = psycopg2.connect(self.dsn())
        self.addCleanup(shop.close)
        cursor = shop.cursor()
        out = io.StringIO()
        cursor.copy_expert("COPY items (sku, title) TO STDOUT (FORMAT csv, HEADER)", out)
        self.assertEqual(out.getvalue().splitlines()[:2], ["sku,title", "C-0,Shoe"])
        self.assertEqual(cursor.rowcount, len(TITLES))
        out = io.StringIO()
        cursor.copy_to(out, "stock", columns=("sku", "on_hand"))
        self.assertEqual(out.getvalue().splitlines()[1], "C-1\t1")

    def test_asyncpg(self):
        async def work():
            shop = await asyncpg.connect(
                host="127.0.0.1", port=self.server.port, user="holdfast", database="holdfast"
            )
            try:
                table, query = io.BytesIO(), io.BytesIO()
                tags = (
                    await shop.copy_from_table(
                        "stock", output=table, columns=["sku", "on_hand"], format="csv", header=True
                    ),
                    await shop.copy_from_query(
                        "SELECT sku, title FROM items WHERE sku = 'C-2'",
                        output=query,
                        format="text",
                    ),
                )
                return tags, table.getvalue(), query.getvalue()
            finally:
                await shop.close()

        tags, table, query = asyncio.run(work())
        self.assertEqual(tags, (f"COPY {len(TITLES)}", "COPY 1"))
        self.assertEqual(table.splitlines()[:2], [b"sku,on_hand", b"C-0,0"])
        self.assertEqual(query, b'C-2\tsay "hi"\n')

    def test_psql_writes_a_file_of_its_own(self):
        file = self.place / "items.csv"
        servers.psql(self.server, f"\\copy items (sku, title) TO '{file}' CSV HEADER")
        self.assertEqual(file.read_text().splitlines()[:3], ["sku,title", "C-0,Shoe", "C-1,"])

    def test_what_it_wrote_goes_into_an_empty_ledger(self):
        self.sql("SELECT * FROM define_location('BER', title => 'Berlin', priority => 5)")
        self.sql("UPDATE locations SET title = 'The shop' WHERE location = 'main'")
        self.sql(
            "SELECT * FROM set_stock('C-3', 7, expected => 0, reason => 'cycle_count', "
            "location => 'BER')"
        )
        self.sql(
            "UPDATE items SET barcodes = '[\"1\", \"a,b\"]', hold_for = '5 minutes', "
            "price_minor = 5, currency = 'EUR', attributes = '{\"a\": 1}' WHERE sku = 'C-3'"
        )
        for number, form in enumerate(("", "(FORMAT csv, HEADER)", "(FORMAT binary)")):
            with self.subTest(form):
                other = servers.Holdfast(self.place / f"other-{number}")
                self.addCleanup(other.stop)
                with psycopg.connect(self.dsn(), autocommit=True) as source, psycopg.connect(
                    self.dsn().replace(str(self.server.port), str(other.port)), autocommit=True
                ) as target:
                    relations = ("locations", "channels", "items", "stock")
                    for relation in relations:
                        self.pour(source, target, relation, form)
                    for relation in relations:
                        self.assertEqual(
                            self.read(source, relation, form), self.read(target, relation, form)
                        )

    @staticmethod
    def read(shop, relation, form):
        with shop.cursor().copy(f"COPY {relation} TO STDOUT {form}") as copy:
            return b"".join(copy)

    def pour(self, source, target, relation, form):
        data = self.read(source, relation, form)
        with target.cursor().copy(f"COPY {relation} FROM STDIN {form}") as copy:
            copy.write(data)


class Slow(LedgerTest):
    """A relation that is larger than what a connection holds, and clients that do not read it."""

    COPY = "COPY items (sku, title) TO STDOUT"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        dsn = f"host=127.0.0.1 port={cls.server.port} user=holdfast dbname=holdfast"
        with psycopg.connect(dsn, autocommit=True) as shop, shop.cursor() as cursor:
            with cursor.copy("COPY items (sku, title) FROM STDIN") as copy:
                for number in range(LONG_ROWS):
                    copy.write_row((f"L-{number}", "x" * LONG_BYTES))

    def begin(self):
        """A connection that has asked, and has seen that the answer comes."""
        sock, stream = wire.connect(self.server.port)
        self.addCleanup(sock.close)
        self.addCleanup(stream.close)
        key = next(body for kind, body in list(wire.messages(stream)) if kind == b"K")
        sock.sendall(wire.query(self.COPY))
        self.assertEqual(next(wire.messages(stream))[0], b"H")
        return sock, stream, key

    def kinds(self, stream):
        """The messages to ReadyForQuery, equal ones once, and how many rows there were."""
        heard = list(wire.messages(stream))
        kinds = "".join(kind.decode() for kind, _ in itertools.groupby(heard, lambda one: one[0]))
        return kinds, [body for kind, body in heard if kind == b"d"]

    def test_it_is_of_one_moment(self):
        _, stream, _ = self.begin()
        for number in (0, LONG_ROWS - 1):
            self.sql(f"UPDATE items SET title = 'new' WHERE sku = 'L-{number}'")
        self.sql("INSERT INTO items (sku) VALUES ('L-new')")
        self.sql(f"UPDATE items SET title = '{'x' * LONG_BYTES}' WHERE sku = 'L-0'")
        kinds, rows = self.kinds(stream)
        self.assertEqual(kinds, "dcCZ")
        wanted = [f"L-{n}\t{'x' * LONG_BYTES}\n".encode() for n in range(LONG_ROWS)]
        self.assertEqual(rows[:LONG_ROWS], wanted)

    def test_a_cancel_stops_it(self):
        _, stream, key = self.begin()
        request = wire.connect(self.server.port, b"\0\0\0\x10\x04\xd2\x16\x2e" + key)
        self.assertEqual(request[1].read(), b"")
        request[1].close()
        request[0].close()
        kinds, rows = self.kinds(stream)
        self.assertEqual(kinds, "dEZ")
        self.assertLess(len(rows), LONG_ROWS)

    def test_who_goes_away_gives_its_place_back(self):
        for _ in range(2):
            open_ones = [self.begin() for _ in range(SCANS_MAX)]
            done = subprocess.run(
                ["psql", f"host=127.0.0.1 port={self.server.port} user=holdfast dbname=holdfast",
                 "-X", "-c", self.COPY],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            self.assertIn(f"at most {SCANS_MAX} COPY TO of a whole relation", done.stderr)
            for sock, stream, _ in open_ones:
                stream.close()
                sock.close()
            self.wait_for_places()

    def wait_for_places(self):
        """The server has seen it: as many can begin again."""
        for _ in range(1000):
            sock, stream = wire.connect(self.server.port)
            list(wire.messages(stream))
            sock.sendall(wire.query("COPY (SELECT sku FROM items LIMIT 1) TO STDOUT"))
            kinds, _ = self.kinds(stream)
            stream.close()
            sock.close()
            if kinds == "HdcCZ":
                return
        self.fail("the places are still taken")


if __name__ == "__main__":
    unittest.main()
