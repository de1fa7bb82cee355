"""The PostgreSQL protocol by hand, for what no client library would send or show."""

import socket
import struct


def frame(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def startup(user, database):
    body = f"user\0{user}\0database\0{database}\0\0".encode()
    return struct.pack("!ii", len(body) + 8, 196608) + body


STARTUP = startup("holdfast", "holdfast")
SYNC = frame(b"S")
FLUSH = frame(b"H")
CLOSED = "closed"
TIMEOUT_S = 60


def zero_ended(text):
    return (text.encode() if isinstance(text, str) else text) + b"\0"


def int16s(numbers):
    return struct.pack(f"!h{len(numbers)}h", len(numbers), *numbers)


def query(sql):
    return frame(b"Q", zero_ended(sql))


def parse(sql, name="", types=()):
    declared = struct.pack(f"!h{len(types)}I", len(types), *types)
    return frame(b"P", zero_ended(name) + zero_ended(sql) + declared)


def bind(*values, name="", portal="", formats=(), results=()):
    """Each value is a text, bytes, or None for NULL."""
    body = zero_ended(portal) + zero_ended(name) + int16s(formats)
    body += struct.pack("!H", len(values))
    for value in values:
        raw = value.encode() if isinstance(value, str) else value
        body += struct.pack("!i", -1) if raw is None else struct.pack("!i", len(raw)) + raw
    return frame(b"B", body + int16s(results))


def describe(kind, name=""):
    return frame(b"D", kind.encode() + zero_ended(name))


def execute(portal="", rows_max=0):
    return frame(b"E", zero_ended(portal) + struct.pack("!i", rows_max))


def close(kind, name=""):
    return frame(b"C", kind.encode() + zero_ended(name))


def connect(port, start=STARTUP):
    """A socket and a stream to read from it; nothing is read yet."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
    if start:
        sock.sendall(start)
    return sock, sock.makefile("rb")


def messages(stream):
    """(type, body) until the connection is closed or the server is ready for a query."""
    while True:
        head = stream.read(5)
        if len(head) < 5:
            return
        body = stream.read(struct.unpack("!i", head[1:])[0] - 4)
        yield head[:1], body
        if head[:1] == b"Z":
            return


def states(stream):
    """SQLSTATEs of the errors up to the next ReadyForQuery, and CLOSED when there is none."""
    found, ready = [], False
    for kind, body in messages(stream):
        ready = kind == b"Z"
        if kind == b"E":
            found += [f[1:].decode() for f in body.split(b"\0") if f[:1] == b"C"]
    return found if ready else found + [CLOSED]
