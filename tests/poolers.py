"""PgBouncer in front of a server, in transaction mode, on loopback."""

import os
import pwd
import signal

from harness import servers

CONNECTIONS = 2  # to the server, for all clients of a database


class PgBouncer(servers.Server):
    """The database `holdfast` over CONNECTIONS connections, and the same as `single` over one. It
    refuses root, so root starts it as somebody else."""

    stop_signal = signal.SIGTERM  # at once; SIGINT would wait for clients

    def __init__(self, directory, holdfast, password=""):
        self.host, self.port = "127.0.0.1", servers.free_port()
        self.user = self.database = "holdfast"
        directory.mkdir(mode=0o700)
        (directory / "users.txt").write_text(f'"holdfast" "{password}"\n')
        to = f"host=127.0.0.1 port={holdfast.port} dbname=holdfast"
        settings = {
            "listen_addr": self.host,
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256" if password else "trust",
            "auth_file": directory / "users.txt",
            "admin_users": "holdfast",
            "pool_mode": "transaction",
            "default_pool_size": CONNECTIONS,
            "server_reset_query": "DISCARD ALL",
            "server_reset_query_always": 1,
            "ignore_startup_parameters": "extra_float_digits",
        }
        config = directory / "pgbouncer.ini"
        config.write_text(
            f"[databases]\nholdfast = {to}\nsingle = {to} pool_size=1\n[pgbouncer]\n"
            + "".join(f"{name} = {value}\n" for name, value in settings.items())
        )
        as_user = {}
        if os.getuid() == 0:
            account = pwd.getpwnam("nobody")
            os.chmod(directory.parent, 0o755)
            for path in (directory, *directory.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        super().__init__(["/usr/sbin/pgbouncer", config], cwd="/", **as_user)
        try:
            self.wait_for_line("process up")
        except BaseException:
            self.kill()
            raise
