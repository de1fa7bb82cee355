#!/usr/bin/python3
"""The command line: wrong words end with exit code 2 and say which, a start that is impossible with
1 and why; the config file counts, and one that cannot be understood ends the start."""

import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import run_holdfast, servers  # noqa: E402

USAGE, IMPOSSIBLE = 2, 1


class CommandLine(unittest.TestCase):
    def setUp(self):
        scratch = servers.scratch("command-line")
        self.place = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)

    def run_it(self, *words, **options):
        return run_holdfast(*words, cwd=self.place, **options)

    def test_wrong_words(self):
        for words, code, said in (
            (["bogus"], USAGE, 'unknown command "bogus"'),
            ([], USAGE, "subcommand"),
            (["serve", "--data-dri", "x"], USAGE, '"--data-dri"; there are --help --data-dir'),
            (["serve", "somewhere"], USAGE, 'unexpected word "somewhere"'),
            (["serve", "--max-connections", "0"], USAGE, "1 to 100000"),
            (["serve", "--max-connections", "many"], USAGE, "--max-connections"),
            (["serve", "--accept-loss-after", "-1"], USAGE, "--accept-loss-after"),
            (["serve", "--write-method", "hope"], USAGE, "io_uring"),
            (["serve", "--pg-listen", "127.0.0.1"], IMPOSSIBLE, "HOST:PORT"),
            (["serve", "--pg-listen", "127.0.0.1:99999"], IMPOSSIBLE, "0 to 65535"),
            (["serve", "--pg-listen", "0.0.0.0:0"], IMPOSSIBLE, "--password-file"),
            (["serve", "--journal", "etcd"], IMPOSSIBLE, "etcd"),
            (["serve", "--password-file", "none"], IMPOSSIBLE, "none"),
            (["verify", "--data-dir", "none"], 2, "no ledger at none"),
        ):
            with self.subTest(words=words):
                got, output = self.run_it(*words)
                self.assertEqual(got, code, output)
                self.assertIn(said, output)

    def test_help(self):
        for words, said in (
            (["help"], "serve"),
            (["--help"], "verify"),
            (["serve", "--help"], "--data-dir"),
            (["version"], "holdfast "),
        ):
            with self.subTest(words=words):
                code, output = self.run_it(*words)
                self.assertEqual(code, 0, output)
                self.assertIn(said, output)

    def test_bad_config_files(self):
        path = self.place / "bad.toml"
        for text, said in (
            (
                '[serve]\ndata-dri = "x"\n',
                'bad.toml:2: unknown option "data-dri" in [serve]; did you mean data-dir?',
            ),
            (
                "[verify]\n\npg-listen = 1\n",
                'bad.toml:3: unknown option "pg-listen" in [verify]; holdfast verify --help lists'
                " them",
            ),
            (
                '[serve]\nmax-connections = "many"\n',
                'bad.toml:2: max-connections must be 1 to 100000, got "many"',
            ),
            (
                "[serve]\nwrite-method = hope\n",
                'bad.toml:2: write-method must be auto, io_uring or threads, got "hope"',
            ),
            (
                "[serve]\naccept-clock = maybe\n",
                'bad.toml:2: accept-clock must be true or false, got "maybe"',
            ),
            (
                'data-dir = "x"\n',
                'bad.toml:1: "data-dir" stands in no section; write [serve] or [verify] above it',
            ),
            ("[server]\n", "bad.toml:1: unknown section [server]; did you mean serve?"),
            ("[http]\n", "bad.toml:1: unknown section [http]; there are [serve] and [verify]"),
            (
                "this is { not toml\n",
                'bad.toml:1: a line is [section] or name = value, got "this is { not toml"',
            ),
            ("[serve]\nhelp = true\n", 'bad.toml:2: unknown option "help" in [serve]'),
        ):
            with self.subTest(text=text):
                path.write_text(text)
                code, output = self.run_it("serve", "--config", "bad.toml")
                self.assertEqual(code, USAGE, output)
                self.assertIn(said, output)
        for name in ("missing.toml", "."):
            code, output = self.run_it("serve", "--config", name)
            self.assertEqual(code, USAGE, output)
            self.assertIn(f"{name}: cannot be read", output)

    def test_config_file_counts_and_flags_win(self):
        passwords = self.place / "passwords"
        passwords.write_text("holdfast:secret\n")
        passwords.chmod(0o600)
        (self.place / "holdfast.toml").write_text(
            f'[serve]\npassword-file = "{passwords}"\ndata-dir = "elsewhere"  # not here\n'
            "max-connections = 7\naccept-clock = true\n"
        )
        with servers.Holdfast(self.place / "data", cwd=self.place) as server:
            refused = servers.psql(server, "SELECT 1", "-w", check=False)
            self.assertIn("no password supplied", refused.stderr)
            self.assertRegex(server.output, r"config +holdfast.toml")
        self.assertTrue((self.place / "data").is_dir())
        self.assertFalse((self.place / "elsewhere").exists())

    def test_password_file_without_users(self):
        passwords = self.place / "passwords"
        passwords.write_text("\n")
        passwords.chmod(0o600)
        code, output = self.run_it("serve", "--password-file", passwords)
        self.assertEqual(code, IMPOSSIBLE, output)
        self.assertIn("names no user", output)

    def test_second_server(self):
        with servers.Holdfast(self.place / "data") as server:
            code, output = self.run_it("serve", "--data-dir", self.place / "data")
            self.assertEqual(code, IMPOSSIBLE, output)
            self.assertIn(f"pid {server.pid}", output)
            (self.place / "data" / "LOCK").unlink()
            code, output = self.run_it("serve", "--data-dir", self.place / "data")
            self.assertEqual(code, IMPOSSIBLE, output)
            self.assertIn("another process", output)

    def test_few_open_files(self):
        """The journal keeps its descriptors, whatever clients take."""
        code, output = self.run_it("serve", prefix=("prlimit", "--nofile=20:20"))
        self.assertEqual(code, IMPOSSIBLE, output)
        self.assertIn("open files is 20", output)
        prefix = ("prlimit", "--nofile=160:160")
        with servers.Holdfast(self.place / "data", prefix=prefix) as server:
            self.assertRegex(server.output, r"connections +at most 96")
            idle = [socket.create_connection((server.host, server.port)) for _ in range(150)]
            self.addCleanup(lambda: [one.close() for one in idle])
            for one in idle[:90]:
                one.close()
            sql = "SELECT outcome FROM define_item('A'); SELECT outcome FROM receive('A', 5);"
            self.assertEqual(servers.psql(server, sql).stdout.split(), ["done", "done"])


if __name__ == "__main__":
    unittest.main()
