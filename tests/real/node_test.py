#!/usr/bin/python3
"""node-postgres (tests/clients/node, installed from its lock file by ./test)."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import TESTS, LedgerTest, run_client  # noqa: E402


class NodePostgres(LedgerTest):
    def test_claims(self):
        self.stock_up("N-1", 20)
        script = TESTS / "clients" / "node" / "claims.mjs"
        output = run_client(["node", script, self.server.port, "N-1", 20])
        self.assertEqual(output, "ok\n")
        self.assertEqual(self.level("N-1"), (20, 1, 0, 19))


if __name__ == "__main__":
    unittest.main()
