"""The table "Differences to PostgreSQL" of docs/sql.md, as cases: `statement`, what PostgreSQL says,
what Holdfast says, and why."""

import re

HEADING = "## Differences to PostgreSQL"
SHOP = (
    "INSERT INTO items (sku, title) VALUES ('A', 'Shoe'), ('B', 'Boot')",
    "INSERT INTO stock (sku, on_hand) VALUES ('A', 3), ('B', 3)",
)


def cases(page):
    """(statement, PostgreSQL's gist, Holdfast's gist) of each row."""
    _, _, rest = page.partition(HEADING + "\n")
    section = rest.split("\n## ")[0]
    for row in re.findall(r"^\| `.*$", section, re.MULTILINE):
        statement, postgres, holdfast, _ = (cell.strip() for cell in row.strip("|").split(" | "))
        yield statement.strip("`"), postgres.strip("`"), holdfast.strip("`")


def is_in_a_block(statement):
    """What only reads or writes rows is undone after it is compared."""
    return statement.split()[0] in ("INSERT", "UPDATE", "DELETE", "SELECT")
