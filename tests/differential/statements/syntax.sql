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
