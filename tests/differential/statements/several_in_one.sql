INSERT INTO items (sku, title) VALUES ('S', 'Shoe'), ('S2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('S', 'main', '', 10), ('S2', 'main', '', 5)
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
