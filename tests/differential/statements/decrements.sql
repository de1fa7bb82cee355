INSERT INTO items (sku, title) VALUES ('D', 'Shoe'), ('D2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('D', 'main', '', 10), ('D2', 'main', '', 5)
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
