#!/usr/bin/python3
"""Passwords: SCRAM-SHA-256 with libpq and with the own implementations of node-postgres,
postgres.js, asyncpg, JDBC and PgBouncer; wrong ones are refused."""

import asyncio
import os
import pathlib
import sys
import unittest

import asyncpg
import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import poolers  # noqa: E402
from harness import TESTS, LedgerTest, run_client, run_holdfast, run_jdbc, servers  # noqa: E402

PASSWORD = "correct horse, battery: staple"


class Login(LedgerTest):
    @classmethod
    def setUpClass(cls):
        secrets = servers.scratch("secrets")
        place = secrets.__enter__()
        cls.addClassCleanup(secrets.__exit__, None, None, None)
        path = place / "passwords"
        path.write_text(f"holdfast:{PASSWORD}\n")
        path.chmod(0o600)
        cls.flags = ("--password-file", path)
        super().setUpClass()
        os.environ["PGPASSWORD"] = PASSWORD
        cls.addClassCleanup(os.environ.pop, "PGPASSWORD")

    def refused(self, **environment):
        run = servers.psql(self.server, "SELECT 1", "-w", check=False, env=environment)
        self.assertNotEqual(run.returncode, 0)
        return run.stderr

    def test_right_password(self):
        self.assertEqual(self.sql("SELECT 1"), ["1"])

    def test_node(self):
        self.stock_up("L-1", 4)
        script = TESTS / "clients" / "node" / "claims.mjs"
        self.assertEqual(run_client(["node", script, self.server.port, "L-1", 4]), "ok\n")

    def test_postgres_js(self):
        script = TESTS / "clients" / "node" / "postgres_js.mjs"
        self.assertEqual(run_client(["node", script, self.server.port]), "ok\n")

    def test_asyncpg(self):
        async def log_in(password):
            shop = await asyncpg.connect(
                host="127.0.0.1",
                port=self.server.port,
                user="holdfast",
                database="holdfast",
                password=password,
            )
            self.assertEqual(await shop.fetchval("SELECT 1"), 1)
            await shop.close()

        asyncio.run(log_in(PASSWORD))
        with self.assertRaises(asyncpg.InvalidPasswordError):
            asyncio.run(log_in("wrong"))

    def test_jdbc(self):
        self.assertEqual(run_jdbc(self.place, self.server.port, "login", PASSWORD), "ok\n")

    def test_pgbouncer(self):
        """It asks its clients for the password, and uses the same one here."""
        with poolers.PgBouncer(self.place / "pgbouncer", self.server, password=PASSWORD) as pooler:
            to = f"host=127.0.0.1 port={pooler.port} user=holdfast dbname=holdfast"
            shop = psycopg2.connect(to)
            with shop, shop.cursor() as cursor:
                cursor.execute("SELECT current_user")
                self.assertEqual(cursor.fetchone(), ("holdfast",))
            shop.close()
            with self.assertRaisesRegex(psycopg2.OperationalError, "SASL authentication failed"):
                psycopg2.connect(to, password="wrong")

    def test_wrong_password(self):
        self.assertIn("password authentication failed", self.refused(PGPASSWORD="wrong"))

    def test_unknown_user_is_told_no_more_than_a_wrong_password(self):
        wrong = self.refused(PGPASSWORD="wrong").replace("holdfast", "USER")
        other = servers.psql(self.server, "SELECT 1", "-w", "-U", "mallory", check=False)
        self.assertEqual(other.stderr.replace("mallory", "USER"), wrong)

    def test_no_password(self):
        self.assertIn("no password supplied", self.refused(PGPASSWORD=""))

    def test_readable_password_file_is_refused(self):
        path = self.place / "open-to-all"
        path.write_text("holdfast:secret\n")
        path.chmod(0o644)
        with self.assertRaisesRegex(RuntimeError, "open-to-all"):
            servers.Holdfast(self.place / "other", "--password-file", path)

    def test_other_machines_need_password_and_protection(self):
        code, output = run_holdfast(
            "serve", "--data-dir", self.place / "open", "--pg-listen", "0.0.0.0:0"
        )
        self.assertNotEqual(code, 0)
        self.assertIn("--password-file", output)


if __name__ == "__main__":
    unittest.main()
