#!/usr/bin/python3
"""The demo, with a smaller crowd: Holdfast sells every unit once, the usual stacks oversell."""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import run_client, servers  # noqa: E402


class Demo(unittest.TestCase):
    def test_sale(self):
        output = run_client(
            ["/usr/bin/python3", servers.ROOT / "flash_sale" / "demo.py"]
            + ["--buyers", 3_000, "--units", 50, "--seconds", 1.5]
        )
        sold = re.search(r"units sold +(\d+) of 50 +(\d+) of 50", output)
        self.assertEqual(sold.group(1), "50", output)
        oversold = re.search(r"oversold +(\d+) +(\d+)", output)
        self.assertEqual(oversold.group(1), "0", output)
        self.assertGreater(int(oversold.group(2)), 0, "the cache did not oversell")
        self.assertIn("verify: clean", output)


if __name__ == "__main__":
    unittest.main()
