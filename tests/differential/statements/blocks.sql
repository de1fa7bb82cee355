INSERT INTO items (sku, title) VALUES ('B', 'Shoe'), ('B2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('B', 'main', '', 10), ('B2', 'main', '', 5)
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
BEGIN ISOLATION LEVEL SERIALIZABLE
SHOW transaction_isolation
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main' FOR UPDATE
UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'B' AND location = 'main' AND available >= 1 RETURNING on_hand
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main'
UPDATE stock SET on_hand = on_hand - 100 WHERE sku = 'B' AND location = 'main' AND available >= 100
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
COMMIT
BEGIN
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
SHOW transaction_isolation
SHOW transaction_read_only
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main'
ROLLBACK
BEGIN READ ONLY
SELECT sku FROM items WHERE sku = 'B'
SET TRANSACTION READ WRITE
ROLLBACK
BEGIN
SAVEPOINT s
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
ROLLBACK
BEGIN ISOLATION LEVEL NOTHING
SHOW transaction_isolation
SELECT on_hand FROM stock WHERE sku = 'B' AND location = 'main' FOR SHARE NOWAIT
SELECT s.on_hand FROM stock s WHERE sku = 'B' AND location = 'main' FOR UPDATE OF s
SELECT s.on_hand FROM stock s WHERE sku = 'B' AND location = 'main' FOR UPDATE OF stock
BEGIN
DISCARD ALL
ROLLBACK
