"""The PostgreSQL protocol by hand, for what no client library would send or show."""

import socket
import struct


def frame(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


STARTUP_BODY = b"user\0holdfast\0database\0holdfast\0\0"
STARTUP = struct.pack("!ii", len(STARTUP_BODY) + 8, 196608) + STARTUP_BODY
SYNC = frame(b"S")
CLOSED = "closed"
TIMEOUT_S = 60


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
