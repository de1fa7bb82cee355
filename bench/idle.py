"""B16: what 10 000 idle connections cost: resident memory of the server, and the rate of claims.

Two servers, of which one holds the idle connections all the while, run in turns. The memory of the
kernel's sockets is not counted.
"""

import contenders as peers
import machine
import rounds
import servers
import wire
from costed import Costed

CONNECTIONS = 10_000
ROOM = 100  # for the clients that work
CLIENTS = 32
GOAL_KIB = 16
ASKED = "SELECT available FROM stock WHERE sku = $1 AND location = 'main'"


def connect(server, count):
    found = []
    for _ in range(count):
        sock, stream = wire.connect(server.port)
        expect_ready(stream)
        found.append((sock, stream))
    return found


def expect_ready(stream):
    kinds = [kind for kind, _ in wire.messages(stream)]
    if kinds[-1:] != [b"Z"] or b"E" in kinds:
        raise RuntimeError(f"not ready for a query: {kinds}")


def use_once(connections):
    """Each prepares a statement and executes it, as a pool's connection has."""
    asks = wire.parse(ASKED, "look") + wire.bind(peers.HOT_SKU, name="look")
    for sock, stream in connections:
        sock.sendall(asks + wire.execute() + wire.SYNC)
        expect_ready(stream)


def measure(run):
    run.report.table(
        "", "KiB each", f"claims/s of {CLIENTS} clients", "spread", "server, µs of processor"
    )
    run.durability("holdfast")
    count = CONNECTIONS // 10 if run.is_quick else CONNECTIONS
    limit = ["--max-connections", CONNECTIONS + ROOM]
    with servers.Holdfast(run.place / "with", *limit) as busy, servers.Holdfast(
        run.place / "without", *limit
    ) as free:
        for server in (busy, free):
            peers.prepare_hot_holdfast(server)
            peers.pgbench(server, peers.CLAIM_HOLDFAST, CLIENTS, run.seconds)
        before = machine.resident_bytes(busy.pid)
        connections = connect(busy, count)
        connected = (machine.resident_bytes(busy.pid) - before) / count / 1024
        use_once(connections)
        used = (machine.resident_bytes(busy.pid) - before) / count / 1024
        run.report.add("connected", f"{connected:.1f}", "", "", "")
        run.report.add("a statement prepared and executed", f"{used:.1f}", "", "", "")
        two = [
            Costed(peers.PgContender("with", busy, peers.CLAIM_HOLDFAST)),
            Costed(peers.PgContender("without", free, peers.CLAIM_HOLDFAST)),
        ]
        rates = rounds.measure(two, CLIENTS, run.rounds, run.seconds)
        for sock, stream in connections:
            stream.close()
            sock.close()
    for one in two:
        run.report.add(
            f"{one.name} {count:,} idle connections",
            "",
            *rounds.cells(rates, one.name),
            one.costs()[0],
        )
    run.report.claim_ratio(f"{GOAL_KIB} KiB / KiB of one connection", GOAL_KIB / used, 1)
    run.report.claim_ratio("claims/s with / without", rounds.ratio(rates, "with", "without"), 1)
