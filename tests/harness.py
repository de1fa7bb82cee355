"""What tests of the real binary share: a server of their own per class, and the words to look at a
ledger.

A test file is a program: /usr/bin/python3 tests/real/<name>_test.py [Class.method]. HOLDFAST_BUILD
names the tree whose programs are tested (by default build/release).
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS.parent / "tools"))

import servers  # noqa: E402

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
ENDS_S_MAX = 60


def program(name):
    return servers.build_dir() / name


class LedgerTest(unittest.TestCase):
    """One server for the class; each test uses SKUs of its own. After the class the ledger is
    verified."""

    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.scratch = servers.scratch("test")
        cls.place = cls.scratch.__enter__()
        cls.addClassCleanup(cls.scratch.__exit__, None, None, None)
        cls.server = servers.Holdfast(cls.place / "data", *cls.flags)
        cls.addClassCleanup(cls.finish)

    @classmethod
    def finish(cls):
        code = cls.server.stop()
        clean, output = cls.server.verify()
        if code != 0 or clean != 0:
            raise AssertionError(f"exit code {code}, verify {clean}\n{cls.server.output}\n{output}")

    def sql(self, text, *flags, **options):
        """The rows that psql prints, fields separated by |."""
        return servers.psql(self.server, text, *flags, **options).stdout.splitlines()

    def seq(self):
        return int(self.sql("SHOW holdfast.seq")[0])

    def stock_up(self, sku, units):
        self.sql(f"SELECT * FROM define_item('{sku}'); SELECT * FROM receive('{sku}', {units});")

    def level(self, sku):
        """on_hand, available, held, committed of the item's only level."""
        row = self.sql(f"SELECT on_hand, available, held, committed FROM stock WHERE sku = '{sku}'")
        return tuple(int(field) for field in row[0].split("|"))


def at_once(work, count):
    """work(0) … work(count − 1), each on a thread of its own; raises what the first of them did."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def run(command, **options):
    """Runs a program without a terminal; (exit code, everything it said)."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    return done.returncode, done.stdout


def run_holdfast(*words, prefix=(), **options):
    """(exit code, everything said) of a command of holdfast that ends by itself."""
    return run([*prefix, program("holdfast"), *words], timeout=ENDS_S_MAX, **options)


def run_client(command, **options):
    """The output of a client program that must succeed."""
    code, output = run(command, **options)
    if code != 0:
        raise AssertionError(f"{command[0]} ended with {code}:\n{output}")
    return output


def run_jdbc(place, port, *words):
    """The output of one case of tests/clients/jdbc; `place` keeps what is compiled."""
    driver, classes = "/usr/share/java/postgresql.jar", place / "classes"
    if not classes.is_dir():
        source = TESTS / "clients" / "jdbc" / "Shop.java"
        run_client(["javac", "-Xlint:all", "-Werror", "-cp", driver, "-d", classes, source])
    # One thread collects and one compiles: the machine has other work.
    flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC"]
    return run_client(["java", *flags, "-cp", f"{driver}:{classes}", "Shop", port, *words])
