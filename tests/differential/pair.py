"""A connection to each of the two servers, to which the same is said."""

import wire

from differential import schema
from differential.transcript import line_of

COUNTED_ENDS = b"SQF"  # what is answered by a ReadyForQuery


class Client:
    """A session. What is said is sent whole; it is answered when every Sync and Query in it is."""

    def __init__(self, port):
        self.sock, self.stream = wire.connect(port)
        self.greeting = self.answer(1)

    def say(self, *frames):
        self.sock.sendall(b"".join(frames))
        return self.answer(sum(frame[0] in COUNTED_ENDS for frame in frames))

    def answer(self, ends):
        lines = []
        for _ in range(ends):
            for kind, body in wire.messages(self.stream):
                if kind not in (b"R", b"K"):
                    lines.append(line_of(kind, body))
            if not lines or not lines[-1].startswith("ReadyForQuery"):
                return [*lines, wire.CLOSED]
        return lines

    def close(self):
        self.stream.close()
        self.sock.close()


class Pair:
    def __init__(self, holdfast, postgres):
        self.clients = (Client(holdfast.port), Client(postgres.port))

    def say(self, *frames):
        """(Holdfast's answer, PostgreSQL's)."""
        return tuple(client.say(*frames) for client in self.clients)

    def close(self):
        for client in self.clients:
            client.close()


def prepare(postgres, psql):
    """The user and the database that a Holdfast has."""
    psql(postgres, "CREATE ROLE holdfast LOGIN; CREATE DATABASE holdfast OWNER holdfast;")
    psql(postgres, schema.SETTINGS)
    psql(postgres, "SELECT pg_reload_conf();")
    postgres.user = postgres.database = "holdfast"
