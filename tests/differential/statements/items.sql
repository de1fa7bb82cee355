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
