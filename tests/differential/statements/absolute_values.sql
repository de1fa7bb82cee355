INSERT INTO items (sku, title) VALUES ('A', 'Shoe'), ('A2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('A', 'main', '', 10), ('A2', 'main', '', 5)
UPDATE stock SET on_hand = 7 WHERE sku = 'A' AND location = 'main' AND on_hand = 10 RETURNING on_hand, available
UPDATE stock SET on_hand = 8 WHERE sku = 'A' AND location = 'main' AND on_hand = 10
UPDATE stock SET on_hand = '9' WHERE sku = 'A' AND location = 'main' AND on_hand = '7'
UPDATE stock SET on_hand = 9 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = -5 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = NULL WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = 0 WHERE sku = 'A' AND location = 'main' AND on_hand = 9
UPDATE stock SET on_hand = 'x' WHERE sku = 'A' AND location = 'main' AND on_hand = 0
UPDATE stock SET on_hand = true WHERE sku = 'A' AND location = 'main' AND on_hand = 0
