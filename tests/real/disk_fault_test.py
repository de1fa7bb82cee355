#!/usr/bin/python3
"""Faults of the disk under the real binary, injected by strace, and a disk that is really full.

After every fault: the server said why and ended, or went on with what it can; after a restart the
ledger is clean and nothing acknowledged is missing.
"""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import load_record  # noqa: E402
from harness import servers  # noqa: E402

EXIT_JOURNAL_FAILED = 3
FLAGS = ("--write-method", "threads", "--checkpoint-mib", "1")

# (system call, fault, at which calls of one thread): early ones hit the start, late ones the load.
FAULTS = [
    *(("pwrite64", "error=EIO", when) for when in (1, 2, 5, 30, 200)),
    *(("pwrite64", "error=ENOSPC", when) for when in ("1+", "5+", "100+")),
    *(("pwrite64", "retval=512", when) for when in (1, 7, 50, "60..61")),
    ("pwrite64", "retval=512", "80+"),
    *(("fdatasync", "error=EIO", when) for when in (1, 2, 5)),
    *(("fsync", "error=EIO", when) for when in (1, 2, 4)),
    ("fallocate", "error=ENOSPC", "1+"),
    ("fallocate", "error=ENOSPC", "2+"),
    ("renameat", "error=EIO", 1),
    ("openat", "error=EMFILE", 40),
]


class DiskFaults(unittest.TestCase):
    def setUp(self):
        scratch = servers.scratch("fault")
        self.place = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.data = self.place / "data"
        self.record = self.place / "record"
        with servers.Holdfast(self.data) as server:
            load_record.stock_up(server)

    def start_with_fault(self, call, fault, when):
        """-D: the tracer is the grandchild, so signals and exit codes are the server's own."""
        prefix = ["strace", "-D", "-f", "-q", "-o", os.devnull, "-e", f"trace={call}"]
        prefix += ["-e", f"inject={call}:{fault}:when={when}"]
        return servers.Holdfast(self.data, *FLAGS, prefix=prefix)

    def check_after_fault(self):
        code, output = servers.verify(self.data)
        self.assertEqual(code, 0, output)
        with servers.Holdfast(self.data) as server:
            load_record.check(self, server, self.record)
        code, output = servers.verify(self.data)
        self.assertEqual(code, 0, output)

    def run_fault(self, call, fault, when):
        try:
            server = self.start_with_fault(call, fault, when)
        except RuntimeError as refused:  # it ended before it served, and said why
            self.assertRegex(str(refused), "holdfast: ")
            return "refused to start"
        load = load_record.start_load(server, self.record, "fault", seconds=3)
        load.wait(120)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            self.assertEqual(server.stop(), 0, server.output)
            return "went on"
        self.assertEqual(server.exit_code, EXIT_JOURNAL_FAILED, server.output)
        self.assertRegex(server.output, r"holdfast: .*\w")
        return "stopped"

    def test_injected(self):
        for call, fault, when in FAULTS:
            with self.subTest(f"{call} {fault} {when}"):
                self.doCleanups()
                self.setUp()
                how = self.run_fault(call, fault, when)
                print(f"{call} {fault} at {when}: {how}", flush=True)
                self.check_after_fault()


@unittest.skipIf(os.getuid() != 0, "mounting needs root")
class FullDisk(unittest.TestCase):
    """A tmpfs with room for a segment or two, beside what the server keeps in reserve."""

    SIZE_MIB = 110

    def setUp(self):
        scratch = servers.scratch("full")
        self.place = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.disk = self.place / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={self.SIZE_MIB}m", "tmpfs", self.disk],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if mounted.returncode != 0:
            self.skipTest("this container may not mount")
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)

    def test_full(self):
        record = self.place / "record"
        data = self.disk / "data"
        server = servers.Holdfast(data)
        self.addCleanup(server.stop)
        load_record.stock_up(server)
        held = servers.psql(
            server, "SELECT claim_id FROM claim('LOAD-0', 1, hold_for => '1 hour')"
        ).stdout.strip()
        # One claim at a time: a block of the journal each, so the disk fills soonest.
        one = ("--connections", 1, "--depth", 1, "--until-error", 1)
        load = load_record.start_load(server, record, "full", *one, seconds=300)
        load.wait(330)
        self.assertRegex(load.output, r"first error: ERROR")  # it did become full
        failed = servers.psql(
            server, "\\set VERBOSITY verbose\nSELECT * FROM claim('LOAD-0', 1)", check=False
        )
        self.assertIn("53100", failed.stderr)
        # What frees goes on, and so does reading.
        self.assertEqual(
            servers.psql(server, f"SELECT outcome FROM release('{held}')").stdout, "done\n"
        )
        self.assertEqual(server.stop(), 0, server.output)
        subprocess.run(["mount", "-o", "remount,size=1g", self.disk], check=True)
        code, output = servers.verify(data)
        self.assertEqual(code, 0, output)
        with servers.Holdfast(data) as again:
            load_record.check(self, again, record)
            granted = servers.psql(again, "SELECT granted FROM claim('LOAD-0', 1)").stdout
            self.assertEqual(granted, "t\n")


if __name__ == "__main__":
    unittest.main()
