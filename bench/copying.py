"""B10: COPY of levels from a file, as psql sends it, beside PostgreSQL with the same table; and the
loader of rows that want many levels."""

import time

import contenders as peers
import servers

LOCATIONS = 10
POSTGRES_TABLE = """
    DROP TABLE IF EXISTS stock;
    CREATE TABLE stock (sku text, location text, on_hand bigint NOT NULL CHECK (on_hand >= 0),
    PRIMARY KEY (sku, location)); CHECKPOINT;"""


def write_levels(path, count):
    """`count` levels: 10 locations per SKU of 16 bytes."""
    with path.open("w") as file:
        for number in range(count):
            sku = peers.SKU_FIRST + number // LOCATIONS
            file.write(f"{sku}\tL-{number % LOCATIONS}\t{number % 50 + 1}\n")


def copy(server, relation, path):
    """Seconds of one COPY, the file read and sent included."""
    start = time.monotonic()
    servers.psql(server, f"\\copy {relation} FROM '{path}'")
    return time.monotonic() - start


def load(server, place, path, count):
    """The levels of the file, with their items and locations; seconds of the levels alone."""
    items, locations = place / "items.tsv", place / "locations.tsv"
    with items.open("w") as file:
        file.writelines(f"{peers.SKU_FIRST + number}\n" for number in range(count // LOCATIONS))
    locations.write_text("".join(f"L-{number}\n" for number in range(LOCATIONS)))
    copy(server, "locations (location)", locations)
    copy(server, "items (sku)", items)
    return copy(server, "stock (sku, location, on_hand)", path)


def load_levels(server, place, count):
    path = place / "levels.tsv"
    write_levels(path, count)
    load(server, place, path, count)
    path.unlink()


def into_holdfast(place, path, count):
    with servers.scratch("copy") as home, servers.Holdfast(home / "data") as server:
        return load(server, place, path, count)


def into_postgres(server, path):
    servers.psql(server, POSTGRES_TABLE)
    return copy(server, "stock (sku, location, on_hand)", path)


def measure(run):
    """Rounds of a quarter, a half and a whole million; the median of each."""
    run.report.table("levels", "server", "seconds (median)", "spread", "levels/s")
    run.durability("holdfast", "postgres")
    medians = {}
    with servers.scratch("postgres") as home, servers.Postgres(home, "fdatasync") as postgres:
        for count in (run.skus // 4, run.skus // 2, run.skus):
            path = run.place / "levels.tsv"
            write_levels(path, count)
            seconds = {"holdfast": [], "postgres": []}
            for _ in range(run.rounds):
                seconds["holdfast"].append(into_holdfast(run.place, path, count))
                seconds["postgres"].append(into_postgres(postgres, path))
            for name, found in seconds.items():
                middle = sorted(found)[len(found) // 2]
                medians[name, count] = middle
                spread = (max(found) - min(found)) / middle
                run.report.add(
                    f"{count:,}", name, f"{middle:.2f}", f"± {spread / 2:.0%}", count / middle
                )
    whole = medians["holdfast", run.skus]
    run.report.claim_ratio("4 s / seconds for a million levels", 4 / whole * run.skus / 1e6, 1)
    quarter = medians["holdfast", run.skus // 4]
    run.report.claim_ratio("a quarter × 4 / a whole", 4 * quarter / whole)
    run.report.claim_ratio(
        "Holdfast / PostgreSQL, rows per second", medians["postgres", run.skus] / whole
    )
