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
SET default_transaction_isolation = 'snapshot'
SET statement_timeout = -1
SET statement_timeout = '1 fortnight'
