#!/usr/bin/python3
"""Bad input over the wire: one clear error, the connection goes on where the protocol allows, and
neither state nor ledger changes (SHOW holdfast.seq is the witness)."""

import json
import pathlib
import random
import socket
import struct
import sys
import unittest

import psycopg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest  # noqa: E402
from wire import CLOSED, STARTUP, SYNC, connect, frame, messages, states  # noqa: E402

QUANTITY_MAX = 2**53 - 1
CLAIM = "SELECT * FROM claim(%s, %s)"
LINES = "SELECT * FROM claim(lines => %s)"


def lines_of(count):
    return json.dumps([{"sku": f"S-{index}", "quantity": 1} for index in range(count)])


# (what, statement, parameters, SQLSTATE or outcome, what the text must name)
TABLE = [
    ("quantity 0", CLAIM, ("S-1", 0), "quantity_invalid|22", "0"),
    ("quantity −1", CLAIM, ("S-1", -1), "quantity_invalid|22", "-1"),
    ("quantity beyond the range", CLAIM, ("S-1", QUANTITY_MAX + 1), "quantity_invalid|22", ""),
    ("quantity 2^63", "SELECT * FROM claim('S-1', 9223372036854775808)", (), "22003|42", "9223372"),
    ("quantity 2^63 as numeric", CLAIM, ("S-1", 2**63), "22003|0A000", ""),
    ("quantity is text", CLAIM, ("S-1", "many"), "22P02", "many"),
    ("quantity is null", CLAIM, ("S-1", None), "22", "quantity"),
    ("unknown sku", CLAIM, ("NO-SUCH", 1), "item_unknown", "NO-SUCH"),
    ("empty sku", CLAIM, ("", 1), "22", "sku"),
    ("sku of 200 bytes", CLAIM, ("x" * 200, 1), "54000|22", "128"),
    ("sku with a control character", CLAIM, ("a\nb", 1), "22", "sku"),
    ("sku with outer spaces", CLAIM, (" S-1", 1), "22", "sku"),
    ("sku with bidi controls", CLAIM, ("a\u202eb", 1), "22", "sku"),
    (
        "unknown channel",
        "SELECT * FROM claim(%s, 1, channel => %s)",
        ("S-1", "moon"),
        "channel_unknown",
        "",
    ),
    (
        "unknown location",
        "SELECT * FROM claim(%s, 1, location => %s)",
        ("S-1", "moon"),
        "location_unknown",
        "",
    ),
    ("unknown argument", "SELECT * FROM claim(%s, 1, colour => 'red')", ("S-1",), "42", "colour"),
    ("too many arguments", "SELECT * FROM can_claim(%s, 'a', 1, 2, 3)", ("S-1",), "42", ""),
    ("101 lines", LINES, (lines_of(101),), "54000", "100"),
    ("10 000 lines", LINES, (lines_of(10_000),), "54000", "131072"),
    ("no lines", LINES, ("[]",), "22", "lines"),
    ("lines are no JSON", LINES, ("[{",), "22", "lines"),
    ("lines are no list", LINES, ("7",), "22|42804", "lines"),
    ("a line without sku", LINES, ('[{"quantity":1}]',), "22", "sku"),
    ("a line with an unknown field", LINES, ('[{"sku":"S-1","quantity":1,"x":1}]',), "22", "x"),
    ("a fraction of a unit", LINES, ('[{"sku":"S-1","quantity":1.5}]',), "22|42804", "quantity"),
    (
        "hold for ever",
        "SELECT * FROM claim(%s, 1, hold_for => '900 years')",
        ("S-1",),
        "22|limit_exceeded|54",
        "",
    ),
    (
        "hold backwards",
        "SELECT * FROM claim(%s, 1, hold_for => '-1 minute')",
        ("S-1",),
        "22",
        "hold_for",
    ),
    ("claim id is no uuid", "SELECT * FROM confirm(%s)", ("abc",), "22P02", "abc"),
    (
        "unknown claim",
        "SELECT * FROM confirm(%s)",
        ("00000000-0000-7000-8000-000000000001",),
        "claim_unknown",
        "",
    ),
    (
        "request_id of 200 bytes",
        "SELECT * FROM claim(%s, 1, request_id => %s)",
        ("S-1", "r" * 200),
        "54000|22",
        "128",
    ),
    (
        "unknown reason",
        "SELECT * FROM adjust(%s, 1, reason => 'because')",
        ("S-1",),
        "22",
        "because",
    ),
    ("adjust without reason", "SELECT * FROM adjust(%s, 1)", ("S-1",), "22", "reason"),
    (
        "a sale before the epoch",
        "SELECT * FROM sale(%s, 1, occurred_at => '1969-12-31T23:59:59Z')",
        ("S-1",),
        "22003",
        "1970-01-01",
    ),
    ("receive 0", "SELECT * FROM receive(%s, 0)", ("S-1",), "quantity_invalid|22", "0"),
    ("deep parentheses", "SELECT " + "(" * 5_000 + "1" + ")" * 5_000, (), "54001|54000", ""),
    ("deep signs", "SELECT " + "- " * 20_000 + "1", (), "54001|54000|42601|0A000", ""),
    ("many tokens", "SELECT " + "1," * 100_000 + "1", (), "54000|54001", ""),
    ("scan without key", "SELECT * FROM stock", (), "0A000", "sku"),
    ("a write by UPDATE", "UPDATE stock SET on_hand = 0", (), "0A000", ""),
    ("two statements with a parameter", "SELECT 1; SELECT %s::text", ("x",), "42601", ""),
]


class WitnessTest(LedgerTest):
    """Has a connection that nothing happens to, and asks it for the seq."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.witness = cls.open_connection()

    @classmethod
    def open_connection(cls):
        connection = psycopg.connect(
            f"host=127.0.0.1 port={cls.server.port} user=holdfast dbname=holdfast", autocommit=True
        )
        cls.addClassCleanup(connection.close)
        return connection

    def seq(self):
        return self.witness.execute("SHOW holdfast.seq").fetchone()[0]


class BadInput(WitnessTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.open_connection()
        cls.connection.execute("SELECT * FROM define_item('S-1')")
        cls.connection.execute("SELECT * FROM receive('S-1', 1000)")

    def test_table(self):
        for what, statement, values, wanted, named in TABLE:
            with self.subTest(what):
                before = self.seq()
                try:
                    cursor = self.connection.execute(statement, values)
                    columns = [column.name for column in cursor.description]
                    row = dict(zip(columns, cursor.fetchone()))
                    found, text = str(row.get("outcome", row)), str(row)
                except psycopg.Error as error:
                    found, text = error.sqlstate or "", str(error)
                self.assertTrue(found.startswith(tuple(wanted.split("|"))), f"{found}: {text}")
                self.assertIn(named, text)
                self.assertLess(len(text), 4_000)
                self.assertEqual(self.seq(), before)
                self.assertEqual(self.connection.execute("SELECT 1").fetchone(), (1,))


# (what, bytes after the start-up, first SQLSTATE, whether the session goes on)
FRAMES = [
    ("unknown message type", frame(b"y"), "08P01", None),
    ("length below 4", b"Q\0\0\0\3", "08P01", False),
    ("length of 2 GB", b"Q\x7f\xff\xff\xff", "08P01|54000", False),
    ("message of 2 MiB", frame(b"Q", b"SELECT '" + b"x" * 2_000_000 + b"'\0"), "54000", True),
    ("query without its zero", frame(b"Q", b"SELECT 1"), "08P01", None),
    ("query that is not UTF-8", frame(b"Q", b"SELECT '\xff\xfe'\0"), "22021", True),
    ("query with an overlong zero", frame(b"Q", b"SELECT '\xc0\x80'\0"), "22021", True),
    ("parse cut short", frame(b"P", b"name\0SELECT") + SYNC, "08P01", None),
    ("parse of a bad statement", frame(b"P", b"\0SELEC 1\0\0\0") + SYNC, "42601", True),
    (
        "bind to a statement that is not there",
        frame(b"B", b"\0none\0\0\0\0\0\0\0") + SYNC,
        "26000",
        True,
    ),
    (
        "bind with a negative length",
        frame(b"B", b"\0\0\0\0\0\1\xff\xff\xff\x01\0\0") + SYNC,
        "08P01|26000",
        None,
    ),
    (
        "a sale at infinity, in binary",
        frame(b"P", b"\0SELECT * FROM sale('S-1', 1, occurred_at => $1)\0\0\0")
        + frame(b"B", b"\0\0\0\1\0\1\0\1\0\0\0\x08\x7f" + b"\xff" * 7 + b"\0\0")
        + frame(b"E", b"\0\0\0\0\0")
        + SYNC,
        "22003",
        True,
    ),
    ("execute of a portal that is not there", frame(b"E", b"none\0\0\0\0\0") + SYNC, "34000", True),
    ("describe of neither", frame(b"D", b"X\0") + SYNC, "08P01", None),
    ("function call", frame(b"F", b"\0\0\0\1\0\0\0\0\0\0"), "0A000|08P01", None),
    (
        "copy data out of the blue",
        frame(b"d", b"1\t2\n") + frame(b"Q", b"SELEC\0"),
        "42601|08P01",
        None,
    ),
]
STARTUPS = [
    ("length 3", struct.pack("!i", 3)),
    ("100 000 bytes", struct.pack("!ii", 100_000, 196608) + b"x" * 1_000),
    ("a browser", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("protocol 2", struct.pack("!ii", 8, 131072)),
    ("no user", struct.pack("!ii", 9, 196608) + b"\0"),
    ("nothing", b""),
    ("zeros", bytes(64)),
]


class Wire(WitnessTest):
    def connect(self, start=STARTUP):
        sock, stream = connect(self.server.port, start)
        self.addCleanup(sock.close)
        return sock, stream

    def test_frames(self):
        for what, sent, wanted, goes_on in FRAMES:
            with self.subTest(what):
                before = self.seq()
                sock, stream = self.connect()
                self.assertEqual(states(stream), [])
                sock.sendall(sent)
                if goes_on is not True:
                    sock.shutdown(socket.SHUT_WR)
                found = states(stream)
                self.assertTrue(found[0].startswith(tuple(wanted.split("|"))), found)
                if goes_on:
                    self.assertEqual(len(found), 1, found)
                    sock.sendall(frame(b"Q", b"SELECT 1\0"))
                    self.assertEqual(states(stream), [])
                if goes_on is False:
                    self.assertEqual(found[-1], CLOSED)
                self.assertEqual(self.seq(), before)

    def test_startups(self):
        for what, sent in STARTUPS:
            with self.subTest(what):
                sock, stream = self.connect(sent)
                sock.shutdown(socket.SHUT_WR)
                self.assertEqual(states(stream)[-1], CLOSED)
                self.assertEqual(states(self.connect()[1]), [])

    def test_split_at_every_byte(self):
        """A conversation cut into single bytes means the same."""
        conversation = frame(b"P", b"\0SELECT 1\0\0\0") + frame(b"B", b"\0\0\0\0\0\0\0\0")
        conversation += frame(b"E", b"\0\0\0\0\0") + SYNC
        sock, stream = self.connect()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.assertEqual(states(stream), [])
        for index in range(len(conversation)):
            sock.sendall(conversation[index : index + 1])
        kinds = [kind for kind, _ in messages(stream)]
        self.assertEqual(kinds, [b"1", b"2", b"D", b"C", b"Z"])

    def test_garbage(self):
        """Mutated conversations: whatever comes back, the server lives and the ledger is
        unchanged."""
        generator = random.Random(20_261_122)
        before = self.seq()
        base = b"".join(sent for _, sent, _, _ in FRAMES if len(sent) < 1_000)
        for _ in range(300):
            bad = bytearray(base)
            for _ in range(generator.randrange(1, 8)):
                bad[generator.randrange(len(bad))] = generator.randrange(256)
            start = generator.randrange(len(bad))
            sock, stream = self.connect(STARTUP if generator.random() < 0.8 else None)
            sock.sendall(bytes(bad[start:]))
            sock.shutdown(socket.SHUT_WR)
            try:
                while stream.read(65_536):
                    pass
            except ConnectionResetError:
                pass
            sock.close()
        self.assertEqual(self.sql("SELECT 1"), ["1"])
        self.assertEqual(self.seq(), before)


if __name__ == "__main__":
    unittest.main()
