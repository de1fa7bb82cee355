#!/usr/bin/python3
"""psql against the real server: the functions, look-ups, settings and errors a person types."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import LedgerTest, servers  # noqa: E402


class Psql(LedgerTest):
    def test_claim_until_sold_out(self):
        self.stock_up("P-1", 2)
        claim = "SELECT granted, outcome, available FROM claim('P-1', 1)"
        self.assertEqual(self.sql(claim), ["t|granted|1"])
        self.assertEqual(self.sql(claim), ["t|granted|0"])
        self.assertEqual(self.sql(claim), ["f|short_of_stock|0"])
        self.assertEqual(self.level("P-1"), (2, 0, 0, 2))

    def test_refusal_says_why(self):
        self.stock_up("P-2", 1)
        row = self.sql("SELECT outcome, message FROM claim('P-2', 5)")[0]
        self.assertRegex(row, r"short_of_stock\|.*P-2.*5.*1")

    def test_hold_confirm_release_cancel_fulfil(self):
        self.stock_up("P-3", 10)
        hold = "SELECT claim_id FROM claim('P-3', 3, hold_for => '10 minutes')"
        first, second = self.sql(hold)[0], self.sql(hold)[0]
        self.assertEqual(self.level("P-3"), (10, 4, 6, 0))
        self.assertEqual(
            self.sql(f"SELECT outcome, state FROM confirm('{first}')")[0].split("|")[0], "done"
        )
        self.assertEqual(self.level("P-3"), (10, 4, 3, 3))
        self.sql(f"SELECT * FROM release('{second}')")
        self.assertEqual(self.level("P-3"), (10, 7, 0, 3))
        self.assertEqual(self.sql(f"SELECT outcome FROM release('{second}')"), ["already"])
        third = self.sql("SELECT claim_id FROM claim('P-3', 2)")[0]
        self.sql(f"SELECT * FROM cancel('{third}')")
        self.assertEqual(self.level("P-3"), (10, 7, 0, 3))
        self.sql(f"SELECT * FROM fulfil('{first}')")
        self.assertEqual(self.level("P-3"), (7, 7, 0, 0))
        self.assertEqual(
            self.sql(f"SELECT state FROM claims WHERE claim_id = '{first}'"), ["fulfilled"]
        )

    def test_cart_is_all_or_nothing_unless_partial(self):
        self.stock_up("P-4", 5)
        self.stock_up("P-5", 1)
        lines = '[{"sku":"P-4","quantity":2},{"sku":"P-5","quantity":2}]'
        self.assertEqual(
            self.sql(f"SELECT outcome FROM claim(lines => '{lines}')"), ["short_of_stock"]
        )
        self.assertEqual((self.level("P-4")[1], self.level("P-5")[1]), (5, 1))
        self.assertEqual(
            self.sql(f"SELECT outcome FROM claim(lines => '{lines}', partial => true)"),
            ["partially_granted"],
        )
        self.assertEqual((self.level("P-4")[1], self.level("P-5")[1]), (3, 0))

    def test_request_id_is_answered_once(self):
        self.stock_up("P-6", 5)
        claim = "SELECT claim_id, seq, replayed FROM claim('P-6', 2, request_id => 'psql-6')"
        first, again = self.sql(claim)[0].split("|"), self.sql(claim)[0].split("|")
        self.assertEqual(first[:2], again[:2])
        self.assertEqual((first[2], again[2]), ("f", "t"))
        self.assertEqual(self.level("P-6"), (5, 3, 0, 2))
        other = "SELECT outcome FROM claim('P-6', 1, request_id => 'psql-6')"
        self.assertEqual(self.sql(other), ["request_mismatch"])

    def test_hold_ends_by_itself(self):
        self.stock_up("P-7", 1)
        self.sql("SELECT * FROM claim('P-7', 1, hold_for => '200 milliseconds')")
        # The next request after the end finds the unit, whether or not anything swept: ask until
        # then.
        asked = 0
        while self.sql("SELECT granted FROM claim('P-7', 1)") == ["f"]:
            asked += 1
            self.assertLess(asked, 500)
        self.assertEqual(self.level("P-7"), (1, 0, 0, 1))

    def test_adjust_and_sale(self):
        self.stock_up("P-8", 4)
        self.sql("SELECT * FROM claim('P-8', 3)")
        refused = self.sql("SELECT outcome FROM adjust('P-8', -2, reason => 'damaged')")
        self.assertEqual(refused, ["short_of_stock"])
        self.sql("SELECT * FROM adjust('P-8', -1, reason => 'damaged')")
        self.assertEqual(self.level("P-8"), (3, 0, 0, 3))
        self.sql("SELECT * FROM sale('P-8', 1)")  # a fact: never refused, what is missing is shown
        shortage = self.sql("SELECT on_hand, shortage FROM stock WHERE sku = 'P-8'")
        self.assertEqual(shortage, ["2|1"])

    def test_availability_and_can_claim(self):
        self.stock_up("P-9", 3)
        self.assertEqual(self.sql("SELECT salable FROM availability WHERE sku = 'P-9'"), ["3"])
        self.assertEqual(
            self.sql("SELECT * FROM can_claim('P-9', 'default', 4)"),
            ["f|3|P-9: requested 4, available 3"],
        )

    def test_several_statements_in_one_query(self):
        rows = self.sql("", "-c", "SELECT 1; SHOW server_version_num")
        self.assertEqual(rows[0], "1")
        self.assertTrue(rows[1].startswith("15"))

    def test_errors_have_state_and_position(self):
        for text, state in (
            ("SELEC 1", "42601"),
            ("SELECT * FROM nonsense", "42P01"),
            ("SELECT nonsense FROM stock WHERE sku = 'P-1'", "42703"),
            ("SELECT * FROM no_such_function(1)", "42883"),
            ("CREATE TABLE t (a int)", "0A000"),
            ("SELECT * FROM claim('P-1', 'many')", "22P02"),
        ):
            with self.subTest(text):
                before = self.seq()
                failed = servers.psql(self.server, "\\set VERBOSITY verbose\n" + text, check=False)
                self.assertIn(f"ERROR:  {state}", failed.stderr)
                self.assertEqual(self.seq(), before)


if __name__ == "__main__":
    unittest.main()
