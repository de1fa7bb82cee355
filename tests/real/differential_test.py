#!/usr/bin/python3
"""The same statements to Holdfast and to PostgreSQL 15, in which the same relations are ordinary
tables: everything on the wire is compared (differential/transcript.py), and in the end every row.

The tables of what is said lie in tests/differential/. What differs on purpose stands in
docs/differences.md, and is tested from there."""

import pathlib
import random
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import wire  # noqa: E402
from differential import conversations, differences, schema, sessions, statements  # noqa: E402
from differential.pair import Pair, prepare  # noqa: E402
from differential.transcript import gist, outline  # noqa: E402
from differential.walk import SKUS, Walk  # noqa: E402
from harness import SOAK, LedgerTest, servers  # noqa: E402

SEEDS = range(1, 501) if SOAK else range(1, 21)


def setUpModule():
    scratch = servers.scratch("differential")
    place = scratch.__enter__()
    unittest.addModuleCleanup(scratch.__exit__, None, None, None)
    postgres = servers.Postgres(place, connections_max=20)
    unittest.addModuleCleanup(postgres.stop)
    prepare(postgres, servers.psql)
    Differential.postgres = postgres


class Differential(LedgerTest):
    """Two servers as new for each class, and a session with both for each test."""

    postgres = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        servers.psql(cls.postgres, schema.FRESH)

    def setUp(self):
        self.pair = Pair(self.server, self.postgres)
        self.addCleanup(self.pair.close)

    def compare(self, *frames, about=None, is_told=None):
        about = about or b" ".join(frames)
        holdfast, postgres = (list(filter(is_told, said)) for said in self.pair.say(*frames))
        self.assertEqual(without_more_positions(holdfast, postgres), postgres, about)


def is_no_setting(line):
    """When an error undoes a setting, it is told at another time (docs/differences.md)."""
    return not line.startswith("ParameterStatus")


def without_more_positions(holdfast, postgres):
    """Holdfast's answer without positions where PostgreSQL gives none: they only help."""
    if len(holdfast) != len(postgres):
        return holdfast
    return [
        re.sub(r" at \d+", "", own) if " at " not in other else own
        for own, other in zip(holdfast, postgres)
    ]


class Simple(Differential):
    """Each section as simple queries."""

    def say(self, sql):
        self.compare(wire.query(sql), about=sql)


class Extended(Simple):
    """The same in the extended protocol, with results in binary."""

    def say(self, sql):
        frames = (
            wire.parse(sql),
            wire.describe("S"),
            wire.bind(results=(1,)),
            wire.describe("P"),
            wire.execute(),
            wire.SYNC,
        )
        self.compare(*frames, about=sql)


def section_test(section):
    def test(self):
        for sql in statements.lines(section):
            with self.subTest(sql=sql):
                self.say(sql)

    return test


for name in statements.SECTIONS:
    setattr(Simple, f"test_{name}", section_test(name))
for name in statements.ONLY_SIMPLE:
    setattr(Extended, f"test_{name}", None)


class Conversations(Differential):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pair = Pair(cls.server, cls.postgres)
        for frame in conversations.SETTING_UP:
            pair.say(frame)
        pair.close()

    def hold(self, table):
        for title, exchanges in table.items():
            pair = Pair(self.server, self.postgres)
            self.pair = pair
            self.addCleanup(pair.close)
            for number, frames in enumerate(exchanges):
                with self.subTest(title=title, number=number):
                    self.compare(*frames)

    def test_the_protocol(self):
        self.hold(conversations.CONVERSATIONS)

    def test_sessions_of_clients(self):
        self.hold(sessions.SESSIONS)

    def test_the_greeting(self):
        own, other = (
            [line for line in client.greeting if "server_version" not in line]
            for client in self.pair.clients
        )
        self.assertEqual(own, other)


class Differences(Differential):
    """docs/differences.md, row by row."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = (servers.ROOT / "docs" / "differences.md").read_text()
        pair = Pair(cls.server, cls.postgres)
        for sql in differences.SHOP:
            pair.say(wire.query(sql))
        pair.close()

    def test_of_statements(self):
        for statement, *expected in differences.statements(self.page):
            pair = Pair(self.server, self.postgres)
            with self.subTest(statement=statement):
                is_block = differences.is_in_a_block(statement)
                if is_block:
                    pair.say(wire.query("BEGIN"))
                holdfast, postgres = pair.say(wire.query(statement))
                if is_block:
                    pair.say(wire.query("ROLLBACK"))
                self.assertEqual([gist(postgres), gist(holdfast)], expected)
                self.assertNotEqual(postgres, holdfast)
            pair.close()

    def test_on_the_wire(self):
        found = list(differences.conversations(self.page))
        self.assertEqual([title for title, *_ in found], list(differences.ON_THE_WIRE))
        for title, *expected in found:
            with self.subTest(title=title):
                holdfast, postgres = self.pair.say(*differences.ON_THE_WIRE[title])
                self.assertEqual([outline(postgres), outline(holdfast)], expected)


class Walks(Differential):
    def test_seeds(self):
        """More of them with HOLDFAST_SOAK."""
        for seed in SEEDS:
            with self.subTest(seed=seed):
                servers.psql(self.postgres, schema.FRESH)
                self.walk(seed)

    def walk(self, seed):
        with servers.Holdfast(self.place / f"walk-{seed}") as server:
            self.pair.close()
            self.pair = Pair(server, self.postgres)
            try:
                walk = Walk(random.Random(seed))
                for frames in (*walk.setting_up(), *walk.steps()):
                    self.compare(*frames, is_told=is_no_setting)
                self.compare_relations()
            finally:
                self.pair.close()  # an open block would keep the tables of the next seed

    def compare_relations(self):
        """Holdfast lists rows in an order of its own."""
        for sql in relations(SKUS):
            holdfast, postgres = self.pair.say(wire.query(sql))
            self.assertEqual(sorted(holdfast), sorted(postgres), sql)


def relations(skus):
    """All that there is, but for versions."""
    listed = ", ".join(f"'{sku}'" for sku in skus)
    yield f"SELECT sku, location, lot, {schema.LEVEL} FROM stock WHERE sku IN ({listed})"
    yield f"SELECT sku, {schema.ITEM} FROM items WHERE sku IN ({listed})"
    yield f"SELECT {schema.LOCATION} FROM locations"
    yield "SELECT channel, title, active, all_locations FROM channels"


if __name__ == "__main__":
    unittest.main()
