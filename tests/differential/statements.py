"""Statements that both servers answer alike, one a line, run in this order. Each section makes what
it needs, so that sections can be read, and fail, by themselves. They run as simple queries and again
as extended ones (see differential_test.py)."""

SHOP = """
INSERT INTO items (sku, title) VALUES ('{0}', 'Shoe'), ('{0}2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('{0}', 'main', '', 10), ('{0}2', 'main', '', 5)
"""

SECTIONS = {
    "items": """
INSERT INTO items (sku, title) VALUES ('I1', 'Shoe'), ('I2', 'Boot') RETURNING sku, title, description, brand, category, unit, scale, price_minor, currency, attributes, barcodes, tracking, hold_for, hold_max
INSERT INTO items (sku, title) VALUES ('I3', DEFAULT) RETURNING title
INSERT INTO items (sku) VALUES ('I1')
INSERT INTO items (sku) VALUES ('I4'), ('I1'), ('I5')
INSERT INTO items (sku) VALUES ('I4'), ('I4')
SELECT sku FROM items WHERE sku IN ('I4', 'I5')
INSERT INTO items (sku) VALUES ('I4'), ('I4') ON CONFLICT DO NOTHING RETURNING sku
INSERT INTO items (sku) VALUES ('I4'), ('I5') ON CONFLICT (sku) DO NOTHING RETURNING sku
INSERT INTO items (sku) VALUES ('I4') ON CONFLICT ON CONSTRAINT items_pkey DO NOTHING
INSERT INTO items (sku) VALUES ('I4') ON CONFLICT ON CONSTRAINT nope DO NOTHING
INSERT INTO items (sku) VALUES ('I4') ON CONFLICT (nope) DO NOTHING
INSERT INTO items (sku, title) VALUES ('I1', 'New'), ('I6', 'Cap') ON CONFLICT (sku) DO UPDATE SET title = excluded.title RETURNING sku, title
INSERT INTO items (sku) VALUES ('I1') ON CONFLICT DO UPDATE SET title = 'x'
INSERT INTO items (title) VALUES ('x')
INSERT INTO items (sku) VALUES (NULL)
INSERT INTO items (sku, scale) VALUES ('I7', 2), ('I8', 'x')
INSERT INTO items (sku, barcodes) VALUES ('I9', '["1", "2"]') RETURNING barcodes
UPDATE items SET title = 'x', price_minor = 5, currency = 'EUR' WHERE sku = 'I1' RETURNING title, price_minor, currency
UPDATE items SET title = DEFAULT, brand = 'b' WHERE sku = 'I1' RETURNING title, brand
UPDATE items SET title = NULL, brand = NULL WHERE sku = 'I1' RETURNING title, brand
UPDATE items SET title = 'x' WHERE sku = 'nope' RETURNING sku
UPDATE items SET title = 'x', title = 'y' WHERE sku = 'I1'
""",
    "names": """
INSERT INTO items (sku, nope) VALUES ('N1', 1)
INSERT INTO items (sku, sku) VALUES ('N1', 1)
INSERT INTO items (sku, title) VALUES ('N1')
INSERT INTO items (sku) VALUES ('N1', 'x')
INSERT INTO nope (sku) VALUES ('N1')
INSERT INTO other.items (sku) VALUES ('N1')
INSERT INTO public.items (sku) VALUES ('N1') RETURNING items.sku, sku AS name, public.items.sku
INSERT INTO items AS i (sku, title) VALUES ('N2', DEFAULT) RETURNING i.sku, i.title
INSERT INTO items AS i (sku, title) VALUES ('N3', DEFAULT) RETURNING items.sku
UPDATE items SET nope = 'x' WHERE sku = 'N1'
UPDATE items SET title = nope WHERE sku = 'N1'
UPDATE items SET title = 'x' WHERE nope = 'N1'
UPDATE items i SET title = 'q' WHERE i.sku = 'N1' RETURNING i.title
UPDATE items i SET title = 'q' WHERE items.sku = 'N1' RETURNING i.title
UPDATE items SET title = 'x' WHERE sku = 'N1' RETURNING nope
UPDATE items SET title = 'x' WHERE sku = 'N1' RETURNING nope.sku
UPDATE nope SET title = 'x' WHERE sku = 'N1'
UPDATE "items" SET "title" = $$it's$$ WHERE "sku" = 'N1' RETURNING "title" AS "Titel ü ""quoted"" x"
UPDATE ITEMS SET Title = U&'\\0041' WHERE SKU = 'N1' RETURNING TITLE
UPDATE items SET title = E'\\u00e9\\t' WHERE sku = 'N1' RETURNING title -- comment
/* a /* nested */ comment */ UPDATE items SET title = $tag$ $$ $tag$ WHERE sku = 'N1' RETURNING title
UPDATE items SET title = 'a' 'b' WHERE sku = 'N1'
UPDATE "Items" SET title = 'x' WHERE sku = 'N1'
SELECT nope FROM items WHERE sku = 'N1'
SELECT * FROM nope WHERE sku = 'N1'
SELECT nope.sku FROM items WHERE sku = 'N1'
SELECT sku FROM items WHERE nope.sku = 'N1'
SELECT sku FROM items WHERE nope = 'N1'
SELECT i.sku, i.title AS t FROM public.items AS i WHERE i.sku = 'N1'
SELECT sku AS ü, nope FROM items WHERE sku = 'N1'
""",
    "decrements": SHOP.format("D")
    + """
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'D' AND location = 'main' AND available >= 1 RETURNING available
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'D' AND location = 'main' AND 1 <= available RETURNING on_hand, available AS "left"
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'D' AND location = 'main' AND available > 0 AND on_hand <> 3 AND on_hand < 100 AND held = 0 RETURNING on_hand
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'D' AND location = 'main' AND available >= 1 AND on_hand > 100 RETURNING on_hand
UPDATE stock SET on_hand = on_hand - 20 WHERE sku = 'D' AND location = 'main' AND available >= 20 RETURNING on_hand
UPDATE stock SET on_hand = on_hand - 2 WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand - 20 WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand - 20 WHERE sku = 'D' AND location = 'main' AND available >= 1
UPDATE stock SET on_hand = on_hand - -2 WHERE sku = 'D' AND location = 'main' RETURNING on_hand
UPDATE stock SET on_hand = 3 + on_hand WHERE location = 'main' AND 'D' = sku AND lot = '' RETURNING on_hand
UPDATE stock s SET on_hand = s.on_hand + 1 WHERE s.sku = 'D' AND s.location = 'main' RETURNING s.on_hand
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'D' AND location = 'nope' AND available >= 1
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'nope' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'D' AND location = 'main' AND lot = 'nope'
UPDATE stock SET on_hand = on_hand + 'x' WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand + '2' WHERE sku = 'D' AND location = 'main' RETURNING on_hand
UPDATE stock SET on_hand = on_hand + NULL WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 9223372036854775807 WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand + true WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = nope + 1 WHERE sku = 'D' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'D' AND location = 'main' AND nope >= 1
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'D' AND location = 'main' AND available >= 'x'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'D' AND location = 'main' AND available >= NULL
SELECT on_hand, available FROM stock WHERE sku = 'D' AND location = 'main' AND lot = ''
""",
    "absolute values": SHOP.format("A")
    + """
UPDATE stock SET on_hand = 7 WHERE sku = 'A' AND location = 'main' AND on_hand = 10 RETURNING on_hand, available
UPDATE stock SET on_hand = 8 WHERE sku = 'A' AND location = 'main' AND on_hand = 10
UPDATE stock SET on_hand = '9' WHERE sku = 'A' AND location = 'main' AND on_hand = '7'
UPDATE stock SET on_hand = 9 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = -5 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = NULL WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = 0 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = 'x' WHERE sku = 'A' AND location = 'main' AND on_hand = 0
UPDATE stock SET on_hand = true WHERE sku = 'A' AND location = 'main' AND on_hand = 0
""",
    "levels": SHOP.format("L")
    + """
INSERT INTO locations (location) VALUES ('L-BER'), ('L-HAM') RETURNING location, title, region, time_zone, priority, active
INSERT INTO stock (sku, on_hand) VALUES ('L', 1)
INSERT INTO stock (sku, location, on_hand) VALUES ('L', 'L-BER', 3) RETURNING sku, location, lot, on_hand, available, held, committed, backordered, damaged, quality_control, safety_stock, shortage, incoming
INSERT INTO stock (sku, location) VALUES ('L', 'L-HAM') RETURNING on_hand
INSERT INTO stock (sku, location, on_hand) VALUES ('Z', 'L-BER', 1)
INSERT INTO stock (sku, location, on_hand) VALUES ('L', 'Mars', 1)
INSERT INTO stock (sku, location, on_hand) VALUES ('L2', 'L-BER', 1), ('L', 'Mars', 1)
INSERT INTO stock (sku, location, on_hand) VALUES ('L2', 'L-BER', -1)
INSERT INTO stock (sku, location, on_hand) VALUES ('L2', 'L-BER', 'x')
INSERT INTO stock (sku, location, on_hand) VALUES (NULL, 'L-BER', 1)
INSERT INTO stock (location, on_hand) VALUES ('L-BER', 1)
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('L', 'main', '', 4) ON CONFLICT (sku, location, lot) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand RETURNING on_hand
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('L', 'main', '', 4), ('L2', 'L-HAM', '', 2) ON CONFLICT (sku, location, lot) DO UPDATE SET on_hand = excluded.on_hand + stock.on_hand RETURNING sku, on_hand
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('L', 'main', '', -4) ON CONFLICT (sku, location, lot) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('L', 'main', '', 3), ('L2', 'L-BER', '', 1) ON CONFLICT DO NOTHING RETURNING sku, location
INSERT INTO stock (sku, location, on_hand) VALUES ('L', 'L-BER', 3) ON CONFLICT ON CONSTRAINT stock_pkey DO NOTHING
SELECT sku, location, on_hand FROM stock WHERE sku IN ('L2') AND location IN ('L-BER')
SELECT sku, on_hand FROM stock WHERE sku = ANY('{L2}') AND location = 'main' LIMIT 1
SELECT sku FROM stock WHERE sku = 'L' AND location = 'main' LIMIT 0
SELECT sku FROM stock WHERE sku = 'L' AND location = 'main' LIMIT ALL
SELECT sku FROM stock WHERE sku = 'L' AND location = 'main' LIMIT NULL
SELECT sku FROM stock WHERE sku = 'L' AND location = 'main' LIMIT 'x'
SELECT sku FROM stock WHERE sku = NULL
SELECT sku FROM stock WHERE sku IN (NULL)
SELECT sku FROM stock WHERE sku = 'nope'
""",
    "places": """
INSERT INTO locations (location, title, region, time_zone, priority, active) VALUES ('P1', 'Berlin', 'DE', 'Europe/Berlin', 7, false) RETURNING location, title, region, time_zone, priority, active
INSERT INTO locations (location) VALUES ('P1')
INSERT INTO locations (location, priority) VALUES ('P1', 9), ('P2', 8) ON CONFLICT (location) DO UPDATE SET priority = excluded.priority RETURNING location, priority, active
UPDATE locations SET priority = 5, active = 'yes' WHERE location = 'P1' RETURNING priority, active
UPDATE locations SET active = DEFAULT, priority = DEFAULT WHERE location = 'P1' RETURNING priority, active
UPDATE locations SET active = 1 WHERE location = 'P1'
UPDATE locations SET active = 'maybe' WHERE location = 'P1'
UPDATE locations SET priority = '5.0' WHERE location = 'P1'
UPDATE locations SET priority = ' 6 ' WHERE location = 'P1' RETURNING priority
UPDATE locations SET priority = NULL WHERE location = 'P1'
UPDATE locations SET region = 'x' WHERE location = 'nope'
INSERT INTO channels (channel, title) VALUES ('C1', 'Web'), ('C2', NULL) RETURNING channel, title, active, all_locations
INSERT INTO channels (channel) VALUES ('C1')
UPDATE channels SET active = false WHERE channel = 'C1' RETURNING active
UPDATE channels SET active = NULL WHERE channel = 'C1'
""",
    "types": SHOP.format("T")
    + """
UPDATE items SET currency = 'EUR' WHERE sku = 'T'
UPDATE items SET price_minor = 'x' WHERE sku = 'T'
UPDATE items SET price_minor = '99999999999999999999' WHERE sku = 'T'
UPDATE items SET scale = '99999999999' WHERE sku = 'T'
UPDATE items SET price_minor = true WHERE sku = 'T'
UPDATE items SET title = 'x' WHERE sku = 5
UPDATE items SET title = 'x' WHERE sku = true
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'T' AND location = 'main' AND available >= true
SELECT sku FROM items WHERE sku = 5
SELECT sku FROM items WHERE sku IN (5)
UPDATE items SET price_minor = 5::int2 WHERE sku = 'T'::text RETURNING price_minor
UPDATE items SET price_minor = CAST('6' AS bigint) WHERE sku = 'T'::varchar RETURNING price_minor
UPDATE items SET price_minor = bigint '7' WHERE sku = 'T' RETURNING price_minor
UPDATE items SET price_minor = '5'::nope WHERE sku = 'T'
SELECT 1
SELECT 1 AS a, 'x' AS b, true AS c, 1::int8 AS d, NULL::int4, 'x'::text, NULL::uuid, 't'::boolean
SELECT 1+1, 2-3
SELECT 2147483648, -1, -9223372036854775808
SELECT ''
SELECT NULL
SELECT 'x'::int
SELECT '5'::int, CAST('7' AS bigint), int '7'
SELECT '70000'::int2
SELECT 'nonsense'::boolean
SELECT 'nonsense'::uuid
SELECT '0193A000-0000-7000-8000-000000000001'::uuid
SELECT NULL::nope
SELECT nope()
SELECT nope(1, 'x')
SELECT 1 AS "A b", 2 AS "a""b"
SELECT 'a' 'b'
SELECT nope
""",
    "syntax": """
SELEC 1
SELECT 'ü' FRM x
SELECT * FROM stock WHERE
SELECT 'unterminated
SELECT "unterminated
SELECT $$unterminated
/* unterminated
SELECT 1,
SELECT *
INSERT INTO items (sku VALUES ('x')
UPDATE stock SET WHERE sku = 'x'
INSERT INTO items (sku) VALUES ('x') RETURNING
SELECT 1; SELEC 2
UPDATE items SET title = 'ü' WHERE sku = 'ü' ANDD 1
;
;;
-- nothing
/* nothing */ ; -- nothing
SELECT 1;;SELECT 2;
INSERT INTO items (sku) VALUES ($1)
SELECT $1
SELECT 1; SELECT $2
""",
    "blocks": SHOP.format("B")
    + """
COMMIT
ROLLBACK
END
ABORT
ROLLBACK TO x
SAVEPOINT x
RELEASE x
BEGIN
BEGIN
COMMIT
BEGIN
INSERT INTO items (sku) VALUES ('B')
SELECT 1
SELECT nope
SELEC
INSERT INTO items (sku) VALUES ('B9')
SHOW TimeZone
SET TimeZone = 'UTC'
BEGIN
SAVEPOINT s
ROLLBACK TO s
COMMIT
SELECT sku FROM items WHERE sku = 'B9'
START TRANSACTION
SAVEPOINT s
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'B' AND location = 'main' AND available >= 1 RETURNING available
SAVEPOINT s
UPDATE stock SET on_hand = on_hand - 100 WHERE sku = 'B' AND location = 'main'
ROLLBACK TO s
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main'
RELEASE s
ROLLBACK TO SAVEPOINT s
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main'
RELEASE SAVEPOINT s
RELEASE SAVEPOINT s
SELECT 1
COMMIT WORK
BEGIN TRANSACTION
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'B' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 4 WHERE sku = 'B' AND location = 'main'
UPDATE stock SET on_hand = on_hand - 12 WHERE sku = 'B' AND location = 'main' AND available >= 12 RETURNING on_hand, available
SELECT on_hand, available FROM stock WHERE sku = 'B' AND location = 'main'
END
SELECT on_hand, available FROM stock WHERE sku = 'B' AND location = 'main'
BEGIN
INSERT INTO items (sku) VALUES ('B3'), ('B4')
INSERT INTO stock (sku, on_hand) VALUES ('B3', 4)
UPDATE stock SET on_hand = on_hand - 3 WHERE sku = 'B3' AND location = 'main' AND available >= 3 RETURNING available
ROLLBACK
SELECT sku FROM items WHERE sku IN ('B3', 'B4')
BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE
SHOW transaction_isolation
SHOW transaction_read_only
COMMIT
BEGIN READ ONLY
SHOW transaction_read_only
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'B' AND location = 'main'
ROLLBACK
BEGIN READ ONLY
INSERT INTO items (sku) VALUES ('B5')
COMMIT
SHOW transaction_read_only
BEGIN
DISCARD ALL
ROLLBACK
""",
    "several in one": SHOP.format("S")
    + """
SELECT 1; SELECT 'x'; SELECT true
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'S' AND location = 'main' AND available >= 1; UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'S' AND location = 'main'; SELECT 1
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; SELECT 1; UPDATE stock SET on_hand = on_hand - 99 WHERE sku = 'S' AND location = 'main'; SELECT 2
SELECT on_hand, available FROM stock WHERE sku = 'S' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; SELECT nope; SELECT 1
SELECT on_hand, available FROM stock WHERE sku = 'S' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; COMMIT; UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; SELECT 1 FROM
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; COMMIT; UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; INSERT INTO items (sku) VALUES ('S')
SELECT on_hand, available FROM stock WHERE sku = 'S' AND location = 'main'
UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'; BEGIN; UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'
ROLLBACK
SELECT on_hand, available FROM stock WHERE sku = 'S' AND location = 'main'
INSERT INTO items (sku) VALUES ('S8'); INSERT INTO items (sku) VALUES ('S8'); SELECT 2
SELECT sku FROM items WHERE sku = 'S8'
INSERT INTO items (sku) VALUES ('S'); SELECT 2
SAVEPOINT x; SELECT 1
SELECT 1; SAVEPOINT x
SELECT 1; RELEASE x
BEGIN; SELECT 1; COMMIT; SELECT 2; COMMIT; SELECT 3
BEGIN; BEGIN; COMMIT; COMMIT
BEGIN; SAVEPOINT a; SELECT 1; ROLLBACK TO nope
SELECT 1
COMMIT
BEGIN; INSERT INTO items (sku) VALUES ('S9'); SELECT nope
INSERT INTO items (sku) VALUES ('S10')
COMMIT
SELECT sku FROM items WHERE sku IN ('S9', 'S10')
BEGIN; INSERT INTO items (sku) VALUES ('S'); ROLLBACK; SELECT 1
ROLLBACK
BEGIN READ ONLY; UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'S' AND location = 'main'
ROLLBACK
""",
    "errors that come early": """
INSERT INTO items (sku) VALUES ('M1')
INSERT INTO items (sku) VALUES ('M1') ON CONFLICT (title) DO NOTHING
UPDATE items SET price_minor = 99999999999999999999 WHERE sku = 'M1'
UPDATE items SET scale = 99999999999 WHERE sku = 'M1'
SELECT 70000::int2
SET nope = 1
RESET nope
SET statement_timeout = 'x'
SET row_security = 'maybe'
SET server_version = 'x'
SET is_superuser = on
""",
    "settings": """
SET TimeZone = 'Europe/Berlin'
SHOW TimeZone
SHOW TIME ZONE
SET TIME ZONE LOCAL
SET TIME ZONE DEFAULT
SET TIME ZONE 'Europe/Berlin'
RESET TimeZone
RESET TimeZone
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
SHOW timezone
SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE
SET TIME ZONE 2
SHOW timezone
RESET timezone
SHOW nope
SET client_encoding TO 'utf-8'
SET datestyle = 'ISO, DMY'
RESET datestyle
SET statement_timeout = '5s'
SHOW statement_timeout
SET statement_timeout TO DEFAULT
SHOW statement_timeout
SET extra_float_digits = 3
SHOW extra_float_digits
RESET extra_float_digits
SHOW standard_conforming_strings
SHOW search_path
SET search_path = public
SHOW search_path
SET search_path TO DEFAULT
SHOW server_encoding
SHOW max_identifier_length
SHOW transaction isolation level
SET application_name = 'a'
SET application_name = 'x'; SET application_name = 'y'
SET application_name = 'x'; SELECT 1
SET application_name = 'y'; SELECT nope
SHOW application_name
BEGIN; SET application_name = 'b'; SHOW application_name
ROLLBACK
SHOW application_name
BEGIN; SET LOCAL application_name = 'c'; SHOW application_name; COMMIT
SHOW application_name
BEGIN; SET application_name = 'd'; SAVEPOINT s; SET application_name = 'e'; ROLLBACK TO s; SHOW application_name; COMMIT
SHOW application_name
BEGIN
SET application_name = 'f'
SAVEPOINT s
SET LOCAL application_name = 'g'
SAVEPOINT t
SET application_name = 'h'
ROLLBACK TO s
SHOW application_name
COMMIT
SHOW application_name
BEGIN; SET application_name = 'f'; SELECT nope
COMMIT
SHOW application_name
SET LOCAL TimeZone = 'Europe/Berlin'
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
COMMIT
RESET ALL
DISCARD ALL
DEALLOCATE ALL
DEALLOCATE nope
CLOSE ALL
UNLISTEN *
UNLISTEN nope
SELECT current_setting('timezone'), pg_is_in_recovery()
SELECT current_setting('nope', true)
""",
}

# PostgreSQL says these at Bind or Execute, Holdfast at Parse.
ONLY_SIMPLE = ("errors that come early",)


def lines(section):
    return [line for line in SECTIONS[section].split("\n") if line]
