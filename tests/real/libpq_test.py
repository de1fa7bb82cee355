#!/usr/bin/python3
"""libpq's pipeline mode from C (tests/clients/libpq_pipeline.cc)."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, program, run_client  # noqa: E402


class Libpq(LedgerTest):
    def test_pipeline(self):
        self.stock_up("C-1", 100)
        output = run_client([program("tests/libpq_pipeline"), self.server.port, "C-1", 100])
        self.assertEqual(output, "ok\n")
        self.assertEqual(self.level("C-1"), (100, 0, 0, 100))


if __name__ == "__main__":
    unittest.main()
