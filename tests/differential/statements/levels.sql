INSERT INTO items (sku, title) VALUES ('L', 'Shoe'), ('L2', 'Boot')
INSERT INTO stock (sku, location, lot, on_hand) VALUES ('L', 'main', '', 10), ('L2', 'main', '', 5)
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
