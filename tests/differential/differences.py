"""The page docs/differences.md as cases: each row of its tables says what PostgreSQL answers, what
Holdfast answers, and why. A row that has become wrong fails, and so does a case without a row."""

import re

from wire import SYNC, bind, execute, parse, query

SHOP = (
    "INSERT INTO items (sku, title) VALUES ('A', 'Shoe'), ('B', 'Boot')",
    "INSERT INTO stock (sku, on_hand) VALUES ('A', 3), ('B', 3)",
)
WIRE_HEADING = "## On the wire"

# By the first cell of the row.
ON_THE_WIRE = {
    "an error that comes while rows are read": [
        query("SELECT sku FROM items WHERE sku = 'A' LIMIT -1")
    ],
    "a result format that is none": [parse("SELECT 1"), bind(results=(7,)), execute(), SYNC],
    "ON CONFLICT with columns that are no key": [
        parse("INSERT INTO items (sku) VALUES ('A') ON CONFLICT (title) DO NOTHING"),
        bind(),
        SYNC,
    ],
    "a setting that an error undoes": [
        query("BEGIN"),
        query("SET application_name = 'x'"),
        query("SELECT nope"),
        query("ROLLBACK"),
    ],
    "the type of a name": [query("SELECT current_user")],
}


def rows(section):
    for row in re.findall(r"^\| .* \|$", section, re.MULTILINE):
        yield [cell.strip() for cell in row[1:-1].split(" | ")]


def statements(page):
    """(statement, PostgreSQL's gist, Holdfast's gist) of each row."""
    for first, postgres, holdfast, _ in rows(page.split(WIRE_HEADING)[0]):
        if first.startswith("`"):
            yield first.strip("`"), postgres, holdfast


def conversations(page):
    """(title, PostgreSQL's outline, Holdfast's outline) of each row."""
    for first, postgres, holdfast, _ in list(rows(page.split(WIRE_HEADING)[1]))[2:]:
        yield first, postgres, holdfast


def is_in_a_block(statement):
    """What only reads or writes rows is undone after it is compared."""
    return statement.split()[0] in ("INSERT", "UPDATE", "DELETE", "SELECT")
