#!/usr/bin/python3
"""Clients of Node: node-postgres, postgres.js, Knex and TypeORM (tests/clients/node, installed from
its lock file by ./test)."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import TESTS, LedgerTest, run_client  # noqa: E402


class Node(LedgerTest):
    def script(self, name, *words):
        path = TESTS / "clients" / "node" / f"{name}.mjs"
        output = run_client(["node", path, self.server.port, *words])
        self.assertEqual(output, "ok\n")


class NodePostgres(Node):
    def test_claims(self):
        self.stock_up("N-1", 20)
        self.script("claims", "N-1", 20)
        self.assertEqual(self.level("N-1"), (20, 1, 0, 19))


class PostgresJs(Node):
    def test_as_a_user_has_it(self):
        self.script("postgres_js")


class Knex(Node):
    def test_as_a_user_has_it(self):
        self.script("knex")


class TypeOrm(Node):
    def test_as_a_user_has_it(self):
        self.script("typeorm")


if __name__ == "__main__":
    unittest.main()
