"""Statements drawn from a seed, over few SKUs, so that they meet: what is sold out, inserted twice,
undone. The state of a block is not known here; that both servers agree on it is the test."""

from wire import SYNC, bind, describe, execute, parse, query

SKUS = ("R1", "R2", "R3", "R4")
PLACES = ("main", "R-BER", "R-Mars")  # the last one is nowhere
NUMBERS = (1, 1, 1, 2, 3, 7, 20)
STEPS = 60

SETTING_UP = (
    "INSERT INTO locations (location) VALUES ('R-BER')",
    "INSERT INTO items (sku, title) VALUES ('R1', 'Shoe'), ('R2', 'Boot')",
    "INSERT INTO stock (sku, location, on_hand) VALUES ('R1', 'main', 5), ('R2', 'R-BER', 9)",
)

# {k} a SKU, {l} a location, {n} and {m} numbers
LEVEL = "WHERE sku = {k} AND location = {l}"
CHANGES = (
    f"UPDATE stock SET on_hand = on_hand - {{n}} {LEVEL} AND available >= {{n}}",
    f"UPDATE stock SET on_hand = on_hand - {{n}} {LEVEL} AND available >= {{n}} "
    "RETURNING sku, location, on_hand, available",
    f"UPDATE stock SET on_hand = on_hand - {{n}} {LEVEL} RETURNING available",
    f"UPDATE stock SET on_hand = on_hand + {{n}} {LEVEL}",
    f"UPDATE stock SET on_hand = on_hand + {{n}} {LEVEL} AND on_hand < {{m}}",
    f"UPDATE stock SET on_hand = {{n}} {LEVEL} AND on_hand = {{m}}",
    "INSERT INTO items (sku, title) VALUES ({k}, 'x')",
    "INSERT INTO items (sku, title) VALUES ({k}, 'y') ON CONFLICT DO NOTHING RETURNING sku",
    "INSERT INTO items (sku, title) VALUES ({k}, 'z') ON CONFLICT (sku) DO UPDATE "
    "SET title = excluded.title",
    "UPDATE items SET title = 't', price_minor = {n}, currency = 'EUR' WHERE sku = {k} "
    "RETURNING title",
    "UPDATE items SET title = NULL WHERE sku = {k}",
    "INSERT INTO stock (sku, location, on_hand) VALUES ({k}, {l}, {n})",
    "INSERT INTO stock (sku, location, on_hand) VALUES ({k}, {l}, {n}) ON CONFLICT DO NOTHING",
    "INSERT INTO stock (sku, location, lot, on_hand) VALUES ({k}, {l}, '', {n}) "
    "ON CONFLICT (sku, location, lot) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand "
    "RETURNING on_hand, available",
    "INSERT INTO stock (sku, location, on_hand) VALUES ({k}, 'main', {n}), ({k}, 'R-BER', {m})",
    "UPDATE locations SET priority = {n} WHERE location = {l} RETURNING priority",
)
READS = (
    f"SELECT sku, location, lot, on_hand, available FROM stock {LEVEL}",
    "SELECT title, price_minor FROM items WHERE sku = {k}",
    "SELECT {n}",
    "SHOW application_name",
)
MISTAKES = (
    "SELECT nope FROM stock WHERE sku = {k}",
    "UPDATE nope SET on_hand = 1",
    f"UPDATE stock SET on_hand = on_hand - 'x' {LEVEL}",
    "SELEC {n}",
)
# More begins than ends, so that blocks have a length.
BLOCKS = (
    "BEGIN",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT a",
    "SAVEPOINT b",
    "ROLLBACK TO a",
    "ROLLBACK TO b",
    "RELEASE a",
    "SET application_name = 'w{n}'",
    "SET LOCAL application_name = 'l{n}'",
)


class Walk:
    def __init__(self, random):
        self.random = random

    def setting_up(self):
        return [[query(sql)] for sql in SETTING_UP]

    def steps(self):
        """Each is what is sent before the next answer is awaited."""
        for _ in range(STEPS):
            yield self.random.choice((self.simple, self.simple, self.extended, self.pipeline))()
        yield [query("ROLLBACK")]

    def template(self):
        kinds = (CHANGES, READS, MISTAKES, BLOCKS)
        return self.random.choice(self.random.choices(kinds, weights=(60, 12, 6, 22))[0])

    def values(self):
        return {
            "k": self.random.choice(SKUS),
            "l": self.random.choices(PLACES, weights=(5, 4, 1))[0],
            "n": self.random.choice(NUMBERS),
            "m": self.random.choice(NUMBERS),
        }

    def literal(self):
        values = self.values()
        quoted = {key: f"'{values[key]}'" for key in "kl"}
        return self.template().format(**{**values, **quoted})

    def simple(self):
        count = self.random.choices((1, 2, 4), weights=(6, 2, 1))[0]
        return [query("; ".join(self.literal() for _ in range(count)))]

    def one_extended(self):
        """Values as parameters where the statement takes them."""
        template, values = self.template(), self.values()
        takes_none = "application_name" in template or template in ("SELECT {n}", "SELEC {n}")
        names = [] if takes_none else [key for key in "klnm" if f"{{{key}}}" in template]
        places = {key: f"${number + 1}" for number, key in enumerate(names)}
        for key in "klnm":
            places.setdefault(key, values[key])
        sql = template.format(**places)
        results = (self.random.choice((0, 1)),)
        given = [str(values[key]) for key in names]
        return [parse(sql), bind(*given, results=results), describe("P"), execute()]

    def extended(self):
        return [*self.one_extended(), SYNC]

    def pipeline(self):
        count = self.random.choice((2, 3, 5))
        return [frame for _ in range(count) for frame in self.one_extended()] + [SYNC]
