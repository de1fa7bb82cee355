#!/usr/bin/python3
"""PostgreSQL's JDBC driver (tests/clients/jdbc): types, parameters, binary results, transactions,
pipelines, portals, a pool, COPY."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, run_jdbc  # noqa: E402


class Jdbc(LedgerTest):
    def case(self, name):
        self.assertEqual(run_jdbc(self.place, self.server.port, name), "ok\n")

    def test_types(self):
        self.case("types")

    def test_parameters(self):
        self.case("parameters")

    def test_prepared_and_binary_after_five_executions(self):
        self.case("prepared")

    def test_errors(self):
        self.case("errors")

    def test_transactions(self):
        self.case("transactions")

    def test_pipelines(self):
        self.case("pipelines")

    def test_rows_in_portions(self):
        self.case("portions")

    def test_a_pool(self):
        self.case("pool")

    def test_the_session(self):
        self.case("session")


class JdbcCopies(LedgerTest):
    """On a ledger of its own: it copies all there is."""

    def test_copies(self):
        self.assertEqual(run_jdbc(self.place, self.server.port, "copies"), "ok\n")


if __name__ == "__main__":
    unittest.main()
