SET TimeZone = 'Europe/Berlin'
SHOW TimeZone
SHOW TIME ZONE
SET TIME ZONE LOCAL
SET TIME ZONE DEFAULT
SET TIME ZONE 'Europe/Berlin'
RESET TimeZone
RESET TimeZone
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
SHOW timezone
SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE
SET TIME ZONE 2
SHOW timezone
RESET timezone
SHOW nope
SET client_encoding TO 'utf-8'
SET datestyle = 'ISO, DMY'
RESET datestyle
SET statement_timeout = '5s'
SHOW statement_timeout
SET statement_timeout TO DEFAULT
SHOW statement_timeout
SET extra_float_digits = 3
SHOW extra_float_digits
RESET extra_float_digits
SHOW standard_conforming_strings
SHOW search_path
SET search_path = public
SHOW search_path
SET search_path TO DEFAULT
SHOW server_encoding
SHOW max_identifier_length
SHOW transaction isolation level
SET application_name = 'a'
SET application_name = 'x'; SET application_name = 'y'
SET application_name = 'x'; SELECT 1
SET application_name = 'y'; SELECT nope
SHOW application_name
BEGIN; SET application_name = 'b'; SHOW application_name
ROLLBACK
SHOW application_name
BEGIN; SET LOCAL application_name = 'c'; SHOW application_name; COMMIT
SHOW application_name
BEGIN; SET application_name = 'd'; SAVEPOINT s; SET application_name = 'e'; ROLLBACK TO s; SHOW application_name; COMMIT
SHOW application_name
BEGIN
SET application_name = 'f'
SAVEPOINT s
SET LOCAL application_name = 'g'
SAVEPOINT t
SET application_name = 'h'
ROLLBACK TO s
SHOW application_name
COMMIT
SHOW application_name
BEGIN; SET application_name = 'f'; SELECT nope
COMMIT
SHOW application_name
SET LOCAL TimeZone = 'Europe/Berlin'
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY
SHOW default_transaction_isolation
SHOW transaction_isolation
SHOW transaction_read_only
INSERT INTO items (sku) VALUES ('ro')
BEGIN READ WRITE
SHOW transaction_read_only
ROLLBACK
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET default_transaction_isolation = 'read committed'
SET statement_timeout = 5000
SHOW statement_timeout
SET statement_timeout = '2min'
SHOW statement_timeout
SET statement_timeout = 90500
SHOW statement_timeout
SET statement_timeout TO DEFAULT
SHOW statement_timeout
BEGIN
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
COMMIT
RESET ALL
DISCARD ALL
DEALLOCATE ALL
DEALLOCATE nope
CLOSE ALL
UNLISTEN *
UNLISTEN nope
SELECT current_setting('timezone'), pg_is_in_recovery()
SELECT current_setting('nope', true)
