#!/usr/bin/python3
"""kill -9, a pause and SIGTERM under load: nothing acknowledged is missing, nothing happens twice.

    kill_test.py [--rounds N]     by default 12, with HOLDFAST_SOAK 100
"""

import pathlib
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import load_record  # noqa: E402
import wire  # noqa: E402
from harness import SOAK, servers  # noqa: E402

ROUNDS = 100 if SOAK else 12
# Small enough that segments and checkpoints turn over between kills.
FLAGS = ("--checkpoint-mib", "4")


class Kill(unittest.TestCase):
    def setUp(self):
        scratch = servers.scratch("kill")
        self.place = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.data = self.place / "data"

    def assert_clean(self):
        code, output = servers.verify(self.data)
        self.assertEqual(code, 0, output)

    def test_kill_under_load(self):
        """The moment of the kill is drawn; the seed is printed so that a failure can be looked
        at."""
        seed = random.randrange(2**32)
        print(f"{ROUNDS} rounds, seed {seed}", flush=True)
        generator = random.Random(seed)
        record = self.place / "record"
        with servers.Holdfast(self.data, *FLAGS) as server:
            load_record.stock_up(server)
        total = 0
        for index in range(ROUNDS):
            server = servers.Holdfast(self.data, *FLAGS)
            load = load_record.start_load(server, record, f"round{index}")
            time.sleep(generator.uniform(0.05, 0.6))  # how long it runs, not a wait for anything
            server.kill()
            total += load_record.acknowledged(load)
            self.assert_clean()  # as the crash left it
        with servers.Holdfast(self.data, *FLAGS) as server:
            load_record.check(self, server, record)
            load_record.check(self, server, record)  # and asking again changes nothing
        self.assert_clean()
        print(f"{total} acknowledged claims survived {ROUNDS} kills", flush=True)
        self.assertGreater(total, ROUNDS * 10)

    def test_kill_while_recovering(self):
        record = self.place / "record"
        with servers.Holdfast(self.data) as server:
            load_record.stock_up(server)
        server = servers.Holdfast(self.data)
        load = load_record.start_load(server, record, "first", seconds=2)
        load.wait(120)
        server.kill()
        for delay_ms in (1, 3, 10, 30, 100):
            starting = servers.Server(
                [servers.build_dir() / "holdfast", "serve", "--data-dir", self.data]
                + ["--pg-listen", "127.0.0.1:0"]
            )
            time.sleep(delay_ms / 1000)  # where in the recovery the kill falls
            starting.kill()
        with servers.Holdfast(self.data) as server:
            load_record.check(self, server, record)
        self.assert_clean()

    def test_pause(self):
        """A process that stands still for a while goes on as if nothing had been."""
        record = self.place / "record"
        with servers.Holdfast(self.data) as server:
            load_record.stock_up(server)
            load = load_record.start_load(server, record, "pause", seconds=4)
            for _ in range(3):
                time.sleep(0.3)
                server.signal(signal.SIGSTOP)
                time.sleep(0.7)
                server.signal(signal.SIGCONT)
            self.assertGreater(load_record.acknowledged(load), 0)
            load_record.check(self, server, record)
        self.assertEqual(server.exit_code, 0)
        self.assert_clean()

    def test_drain(self):
        """SIGTERM: sessions are told 57P01, what was acknowledged is there, exit code 0."""
        record = self.place / "record"
        server = servers.Holdfast(self.data)
        load_record.stock_up(server)
        sock, idle = wire.connect(server.port)
        self.addCleanup(sock.close)
        self.assertEqual(wire.states(idle), [])
        load = load_record.start_load(server, record, "drain")
        time.sleep(0.5)
        server.signal(signal.SIGTERM)
        self.assertEqual(server.wait(), 0, server.output)
        self.assertGreater(load_record.acknowledged(load), 0)
        self.assertEqual(wire.states(idle), ["57P01", wire.CLOSED])
        self.assert_clean()
        with servers.Holdfast(self.data) as again:
            load_record.check(self, again, record)

    def test_second_server_is_refused(self):
        with servers.Holdfast(self.data):
            with self.assertRaisesRegex(RuntimeError, "(?i)lock|another"):
                servers.Holdfast(self.data)


if __name__ == "__main__":
    if "--rounds" in sys.argv:
        at = sys.argv.index("--rounds")
        ROUNDS = int(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    unittest.main()
