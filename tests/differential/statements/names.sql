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
UPDATE ITEMS SET Title = U&'\0041' WHERE SKU = 'N1' RETURNING TITLE
UPDATE items SET title = E'\u00e9\t' WHERE sku = 'N1' RETURNING title -- comment
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
