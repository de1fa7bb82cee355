"""Starts and stops the servers that tests, benchmarks and the demo need: Holdfast and its peers.

1. Every server listens on loopback, on a free port, with its data in a directory of its own.
2. Every server is stopped by the id of the process that was started here, never by name.
3. Directories lie under /var/tmp, which is a real disk by convention (/tmp may be memory), and are
   removed at the end unless HOLDFAST_KEEP is set.

Standard library only, so that it runs on a machine where nothing is installed yet.
"""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
POSTGRES_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
START_S_MAX = 60
STOP_S_MAX = 60


def build_dir():
    """The tree whose programs are used: HOLDFAST_BUILD, by default the release build."""
    return pathlib.Path(os.environ.get("HOLDFAST_BUILD", ROOT / "build" / "release"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def scratch(name):
    """A fresh directory on a disk, removed afterwards."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"holdfast-{name}-", dir="/var/tmp"))
    try:
        yield path
    finally:
        if not os.environ.get("HOLDFAST_KEEP"):
            shutil.rmtree(path, ignore_errors=True)


class Server:
    """A child process with its output kept line by line. A context manager: leaving it stops the
    process."""

    stop_signal = signal.SIGTERM

    def __init__(self, command, **options):
        self.command = [str(word) for word in command]
        self.lines = []
        self.exit_code = None
        self.grown = threading.Condition()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.grown:
                self.lines.append(line.rstrip("\n"))
                self.grown.notify_all()
        with self.grown:
            self.lines.append(None)  # the end
            self.grown.notify_all()

    @property
    def pid(self):
        return self.process.pid

    @property
    def output(self):
        with self.grown:
            return "\n".join(line for line in self.lines if line is not None)

    def wait_for_line(self, pattern, seconds=START_S_MAX):
        """The match of the first line in which `pattern` is found; RuntimeError when the output
        ends before it."""
        deadline = time.monotonic() + seconds
        seen = 0
        with self.grown:
            while True:
                for line in self.lines[seen:]:
                    if line is None:
                        raise RuntimeError(
                            f"{self.command[0]} ended without /{pattern}/:\n"
                            + self.output_unlocked()
                        )
                    match = re.search(pattern, line)
                    if match:
                        return match
                seen = len(self.lines)
                if not self.grown.wait(max(0.0, deadline - time.monotonic())):
                    raise RuntimeError(
                        f"{self.command[0]}: no /{pattern}/ in {seconds} s:\n"
                        + self.output_unlocked()
                    )

    def output_unlocked(self):
        return "\n".join(line for line in self.lines if line is not None)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=STOP_S_MAX):
        self.exit_code = self.process.wait(seconds)
        self.reader.join(seconds)
        self.process.stdout.close()
        return self.exit_code

    def stop(self):
        """Asks it to end, and insists if it does not."""
        if self.process.poll() is None:
            self.signal(self.stop_signal)
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.wait()
                raise RuntimeError(
                    f"{self.command[0]} did not stop in {STOP_S_MAX} s:\n{self.output}"
                ) from None
        self.exit_code = self.process.returncode
        return self.exit_code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Holdfast(Server):
    """`holdfast serve` on `data_dir`, ready when its start-up block names the port."""

    def __init__(
        self, data_dir, *flags, prefix=(), listen="127.0.0.1:0", start_s_max=START_S_MAX, **options
    ):
        self.data_dir = pathlib.Path(data_dir)
        super().__init__(
            [
                *prefix,
                build_dir() / "holdfast",
                "serve",
                "--data-dir",
                data_dir,
                "--pg-listen",
                listen,
                *flags,
            ],
            **options,
        )
        self.host = "127.0.0.1"
        self.user = self.database = "holdfast"
        try:
            line = self.wait_for_line(r"(?i)postgres[^\n]*127\.0\.0\.1:(\d+)", start_s_max)
            self.port = int(line.group(1))
        except BaseException:
            self.kill()
            raise

    def verify(self):
        """Runs `holdfast verify` on the stopped ledger; (exit code, output)."""
        return verify(self.data_dir)


def verify(data_dir):
    run = subprocess.run(
        [build_dir() / "holdfast", "verify", "--data-dir", data_dir],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


class NullServer(Server):
    def __init__(self, shape="claim", sync_file=None):
        flags = ["--sync-file", sync_file] if sync_file else []
        super().__init__([build_dir() / "bench" / "null_server", "--shape", shape, *flags])
        self.host = "127.0.0.1"
        self.user = self.database = "holdfast"
        self.port = int(self.wait_for_line(r"127\.0\.0\.1:(\d+)").group(1))


class Postgres(Server):
    """PostgreSQL 15 with its durable defaults in a cluster of its own. It refuses root, so root
    starts it as `postgres`."""

    stop_signal = signal.SIGINT  # fast shutdown: open sessions are ended

    def __init__(self, directory, sync_method="fdatasync", connections_max=600):
        data = pathlib.Path(directory) / f"postgres-{sync_method}"
        data.mkdir(mode=0o700)
        as_user = {}
        self.user = pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            self.user = "postgres"
            account = pwd.getpwnam("postgres")
            os.chown(data, account.pw_uid, account.pw_gid)
            os.chmod(directory, 0o755)
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        subprocess.run(
            [
                POSTGRES_BIN / "initdb",
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                self.user,
                "-E",
                "UTF8",
                "--no-locale",
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **as_user,
        )
        self.host, self.port, self.database = "127.0.0.1", free_port(), "postgres"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": data,
            "max_connections": connections_max,
            "wal_sync_method": sync_method,
            "shared_buffers": "512MB",
            "max_wal_size": "4GB",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        super().__init__([POSTGRES_BIN / "postgres", "-D", data, *words], cwd="/", **as_user)
        self.wait_for_line("database system is ready to accept connections")


class Redis(Server):
    """Redis 7 that syncs its log before it answers."""

    def __init__(self, directory):
        self.host, self.port = "127.0.0.1", free_port()
        super().__init__(
            [
                "redis-server",
                "--bind",
                self.host,
                "--port",
                self.port,
                "--dir",
                directory,
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "",
                "--daemonize",
                "no",
            ]
        )
        self.wait_for_line("Ready to accept connections")


def psql(server, sql, *flags, check=True, **options):
    """Runs statements through psql, stopping at the first error; returns the finished process."""
    environment = dict(
        os.environ, PGCONNECT_TIMEOUT="60", PGSSLMODE="disable", **options.pop("env", {})
    )
    run = subprocess.run(
        [
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            server.host,
            "-p",
            str(server.port),
            "-U",
            server.user,
            "-d",
            server.database,
            *flags,
        ],
        input=sql,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
        **options,
    )
    if check and run.returncode != 0:
        raise RuntimeError(f"psql failed: {run.stderr}\n{sql[:500]}")
    return run
