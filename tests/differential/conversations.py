"""Conversations in the extended protocol that both servers answer alike. Each is a list of what is
sent before the next answer is awaited."""

import struct

from wire import FLUSH, SYNC, bind, close, describe, execute, parse, query

BOOL, INT8, INT2, INT4, TEXT, VARCHAR, UUID = 16, 20, 21, 23, 25, 1043, 2950
TEXT_FORM, BINARY = (0,), (1,)

TAKE = (
    "UPDATE stock SET on_hand = on_hand - $1 WHERE sku = $2 AND location = $3 AND available >= $1 "
    "RETURNING sku, available"
)
ADD = "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'W' AND location = 'main'"
OVERSELL = "UPDATE stock SET on_hand = on_hand - 999 WHERE sku = 'W' AND location = 'main'"
LOOK = "SELECT sku, on_hand, available FROM stock WHERE sku = $1 AND location = 'main'"
PAIR = "SELECT sku, location FROM stock WHERE sku IN ('W') AND location IN ('main')"
NEW = "INSERT INTO items (sku) VALUES ($1)"


def int2(number):
    return struct.pack("!h", number)


def int4(number):
    return struct.pack("!i", number)


def int8(number):
    return struct.pack("!q", number)


def run(sql, *values, types=(), formats=(), results=(), rows_max=0):
    """Parse, Bind, Describe, Execute of the unnamed statement, without a Sync."""
    return (
        parse(sql, types=types)
        + bind(*values, formats=formats, results=results)
        + describe("P")
        + execute(rows_max=rows_max)
    )


def frames(*parts):
    """What is sent at once: the frames of all parts, each by itself."""
    out = []
    for part in parts:
        at = 0
        while at < len(part):
            size = 1 + struct.unpack_from("!i", part, at + 1)[0]
            out.append(part[at : at + size])
            at += size
    return out


SETTING_UP = [
    query("INSERT INTO items (sku) VALUES ('W'), ('W2')"),
    query("INSERT INTO stock (sku, on_hand) VALUES ('W', 100), ('W2', 50)"),
]

CONVERSATIONS = {
    "a named statement, described, bound and run again": [
        [parse(TAKE, "s"), describe("S", "s"), SYNC],
        [bind("1", "W", "main", name="s"), describe("P"), execute(), SYNC],
        [bind("2", "W", "main", name="s", results=BINARY), describe("P"), execute(), SYNC],
        [bind("2", "W", "main", name="s", results=(0, 1)), describe("P"), execute(), SYNC],
        [bind("999", "W", "main", name="s"), execute(), SYNC],
        [close("S", "s"), SYNC],
        [bind("1", "W", "main", name="s"), execute(), SYNC],
    ],
    "types that are declared, in text and in binary": [
        frames(
            run(TAKE, int2(1), "W", "main", types=(INT2, TEXT, TEXT), formats=(1, 0, 0)),
            run(TAKE, int4(1), b"W", "main", types=(INT4, VARCHAR, TEXT), formats=(1, 1, 0)),
            run(TAKE, int8(1), b"W", b"main", types=(INT8, 0, 0), formats=BINARY),
            run(TAKE, "1", "W", "main", types=(INT2,)),
            SYNC,
        ),
        [parse(TAKE, types=(INT2, VARCHAR)), describe("S"), SYNC],
        [parse(TAKE, types=(0, 0, 705)), describe("S"), SYNC],
        [parse(LOOK, types=(UUID,)), SYNC],
        [parse(LOOK, types=(INT4,)), SYNC],
        [parse(TAKE, types=(BOOL,)), SYNC],
        [
            parse("SELECT $1::int4, $2::text, $3::boolean, $4", types=(0, 0, 0, INT8)),
            describe("S"),
            SYNC,
        ],
        [bind("5", None, "true", "9", results=BINARY), describe("P"), execute(), SYNC],
    ],
    "values that are none": [
        frames(run(TAKE, "x", "W", "main"), SYNC),
        frames(run(TAKE, "99999999999999999999", "W", "main"), SYNC),
        frames(run(TAKE, "70000", "W", "main", types=(INT2,)), SYNC),
        frames(run(TAKE, b"\0\1", "W", "main", formats=(1, 0, 0)), SYNC),
        frames(run(TAKE, "", "W", "main"), SYNC),
        frames(run(LOOK, b"\xff"), SYNC),
        frames(run(LOOK, None), SYNC),
        frames(run(ADD + " AND available >= $1", None), SYNC),
        frames(run("SELECT $1::uuid", "nope"), SYNC),
        frames(run("SELECT $1::boolean", "nope"), SYNC),
        frames(run(NEW, None), SYNC),
    ],
    "the counts of a Bind": [
        [parse(TAKE, "c"), bind("1", name="c"), execute(), SYNC],
        [bind("1", "W", "main", "x", name="c"), SYNC],
        [bind("1", "W", "main", name="c", formats=(0, 0)), SYNC],
        [bind("1", "W", "main", name="c", results=(0, 0, 0)), SYNC],
        [bind("1", "W", "main", name="c", formats=(7,)), SYNC],
        [bind(name="nope"), SYNC],
        [describe("S", "nope"), SYNC],
        [describe("P", "nope"), SYNC],
        [execute("nope"), SYNC],
        [close("S", "nope"), close("P", "nope"), SYNC],
        [parse("SELECT 1", "c"), SYNC],
        [close("S", "c"), parse("SELECT 1", "c"), describe("S", "c"), SYNC],
    ],
    "statements without rows or without words": [
        [parse(ADD), describe("S"), bind(), describe("P"), execute(), SYNC],
        [parse(""), describe("S"), bind(), describe("P"), execute(), SYNC],
        [parse(" -- nothing"), bind(), describe("P"), execute(), execute(), SYNC],
        [parse("SELECT 1; SELECT 2"), SYNC],
        [parse("BEGIN"), describe("S"), bind(), describe("P"), execute(), SYNC],
        [
            parse("SHOW TimeZone"),
            describe("S"),
            bind(results=BINARY),
            describe("P"),
            execute(),
            SYNC,
        ],
        [parse("SET TimeZone = 'Europe/Berlin'"), describe("S"), bind(), execute(), SYNC],
        [parse("COMMIT"), bind(), execute(), SYNC],
        [parse("RESET TimeZone"), bind(), execute(), parse("SELECT 1"), bind(), execute(), SYNC],
        [parse("SELECT 1", types=(INT4,)), describe("S"), SYNC],
        [bind("1"), execute(), SYNC],
        [parse("SELECT $2::int4"), SYNC],
        [parse("SELECT $1"), describe("S"), SYNC],
        [parse("SELECT nope"), SYNC],
        [parse("SELEC"), SYNC],
        [parse(TAKE.replace("sku =", "nope =")), SYNC],
        [bind(), SYNC],
    ],
    "rows in portions": [
        [query("BEGIN")],
        [parse(PAIR), bind(portal="p"), describe("P", "p"), execute("p", 1), SYNC],
        [execute("p", 1), SYNC],
        [execute("p", 1), SYNC],
        [parse(PAIR), bind(portal="q"), FLUSH, execute("q", 5), FLUSH, execute("q", 5), SYNC],
        [bind(portal="p"), SYNC],
        [query("ROLLBACK")],
        [execute("p", 1), SYNC],
        [parse(PAIR), bind(), execute(rows_max=1), execute(rows_max=0), SYNC],
        [parse(PAIR), bind(), execute(rows_max=0), execute(rows_max=0), SYNC],
        [parse("SELECT 1"), bind(), execute(rows_max=1), execute(rows_max=1), SYNC],
        [parse("SHOW TimeZone"), bind(), execute(rows_max=1), execute(rows_max=1), SYNC],
        [parse(ADD), bind(), execute(rows_max=1), SYNC],
        [parse(ADD), bind(), execute(), execute(), SYNC],
        [parse(ADD + " RETURNING sku"), bind(), execute(rows_max=1), execute(rows_max=1), SYNC],
        [parse(ADD + " RETURNING sku"), bind(), execute(rows_max=5), SYNC],
        [execute(), SYNC],
        [parse(PAIR), bind(portal="r"), close("P", "r"), execute("r"), SYNC],
    ],
    "an error first, in the middle, last": [
        frames(run(OVERSELL), run(ADD), run("SELECT 1"), SYNC),
        frames(run(ADD), run(OVERSELL), run(ADD), SYNC),
        frames(run(ADD), run(ADD), run(OVERSELL), SYNC),
        frames(run(LOOK, "W"), SYNC),
        frames(run(ADD), run("SELECT nope"), run(ADD), SYNC),
        frames(run(ADD), run(NEW, "W"), close("S"), FLUSH, SYNC),
        frames(run(ADD), parse(""), bind(name="nope"), run(ADD), SYNC),
        frames(run(ADD), FLUSH, run(OVERSELL), FLUSH, run(ADD), SYNC),
        frames(run(LOOK, "W"), SYNC),
        frames(run(ADD), SYNC, run(OVERSELL), SYNC, run(ADD), SYNC),
        frames(run(LOOK, "W"), SYNC),
    ],
    "a pipeline is a transaction": [
        frames(run(NEW, "W5"), run(NEW, "W6"), run(NEW, "W5"), SYNC),
        [query("SELECT sku FROM items WHERE sku IN ('W5', 'W6')")],
        frames(run(NEW, "W5"), run("SELECT sku FROM items WHERE sku = 'W5'"), SYNC),
        frames(run(NEW, "W6"), run("COMMIT"), run(NEW, "W6"), SYNC),
        [query("SELECT sku FROM items WHERE sku = 'W6'")],
        frames(run(NEW, "W7"), run("ROLLBACK"), run(NEW, "W8"), SYNC),
        [query("SELECT sku FROM items WHERE sku IN ('W7', 'W8')")],
        frames(run("BEGIN"), run(NEW, "W9"), SYNC),
        frames(run("SELECT sku FROM items WHERE sku = 'W9'"), run("ROLLBACK"), SYNC),
        frames(run(ADD), run("BEGIN"), run(ADD), SYNC),
        frames(run("ROLLBACK"), SYNC),
        frames(run(LOOK, "W"), SYNC),
        frames(run(ADD), run("BEGIN"), run("SELECT nope"), SYNC),
        frames(run("ROLLBACK"), SYNC),
        frames(run(OVERSELL), run("BEGIN"), SYNC),
        frames(run(LOOK, "W"), SYNC),
        frames(run(OVERSELL), run("COMMIT"), run(ADD), SYNC),
        frames(run("SET application_name = 'undone'"), run("SELECT nope"), SYNC),
        frames(run("SHOW application_name"), SYNC),
        frames(run("SELECT 1"), run("SET LOCAL application_name = 'l'"), SYNC),
        frames(
            run("SET LOCAL application_name = 'l'"), run("SHOW application_name"), run(ADD), SYNC
        ),
        frames(run("SAVEPOINT s"), SYNC),
        frames(run(ADD), run("SAVEPOINT s"), run(ADD), SYNC),
        frames(run(LOOK, "W"), SYNC),
    ],
    "a block in the extended protocol": [
        frames(run("BEGIN"), SYNC),
        frames(run("SAVEPOINT s"), SYNC),
        frames(run(OVERSELL), SYNC),
        frames(run("SELECT 1"), SYNC),
        [parse("SELECT 1", "late"), SYNC],
        [parse("SELECT nope"), SYNC],
        [parse("SELEC"), SYNC],
        [parse("ROLLBACK TO s", "back"), SYNC],
        [bind(name="back"), execute(), SYNC],
        frames(run(ADD), SYNC),
        frames(run("SELECT nope"), run("COMMIT"), SYNC),
        frames(run("COMMIT"), SYNC),
        frames(run("COMMIT"), SYNC),
        frames(run(LOOK, "W"), SYNC),
        [parse(LOOK, "kept"), SYNC],
        frames(run("BEGIN"), run("SELECT nope"), SYNC),
        [describe("S", "kept"), SYNC],
        [bind("W", name="kept"), SYNC],
        [query("ROLLBACK")],
        [bind("W", name="kept"), execute(), SYNC],
        [query("DEALLOCATE kept")],
        [bind("W", name="kept"), execute(), SYNC],
    ],
    "a Query ends what was unnamed": [
        [parse("SELECT 1"), bind(), SYNC],
        [execute(), SYNC],
        [parse("SELECT 1"), SYNC],
        [query("SELECT 2")],
        [bind(), SYNC],
    ],
    "long texts": [
        frames(
            run(
                "UPDATE items SET description = $1 WHERE sku = 'W' RETURNING description",
                "ü" * 8000,
            ),
            SYNC,
        ),
        frames(run("SELECT $1::text", "x" * 500_000), SYNC),
        [query(f"SELECT '{'y' * 300_000}'")],
    ],
}
