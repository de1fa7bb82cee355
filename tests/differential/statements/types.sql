INSERT INTO items (sku, title) VALUES ('T', 'Shoe'), ('T2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('T', 'main', '', 10), ('T2', 'main', '', 5)
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
SELECT sku FROM items WHERE sku = ANY('{T,NULL,"T"}')
SELECT sku FROM items WHERE sku = ANY('{"T2"}'::text[])
SELECT sku FROM items WHERE sku = ANY('{}')
SELECT sku FROM items WHERE sku = ANY('{T')
SELECT sku FROM items WHERE sku = ANY('T')
SELECT sku FROM items WHERE sku = ANY('{1,2}'::int8[])
SELECT sku FROM items WHERE sku = ANY('{0193a000-0000-7000-8000-000000000001}'::uuid[])
