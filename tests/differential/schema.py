"""Holdfast's relations as ordinary tables of PostgreSQL, with the names of its constraints. Nothing
here makes a claim, so what is free is what is there."""

LEVEL = (
    "on_hand, available, held, committed, backordered, damaged, quality_control, safety_stock, "
    "shortage, incoming"
)
ITEM = (
    "title, description, brand, category, unit, scale, price_minor, currency, attributes, "
    "barcodes, tracking, hold_for, hold_max"
)
LOCATION = "location, title, region, time_zone, priority, active"

TABLES = """
CREATE TABLE items (
  sku text PRIMARY KEY, title text, description text, brand text, category text, unit text,
  scale int NOT NULL DEFAULT 0, price_minor bigint, currency text, attributes jsonb,
  barcodes jsonb NOT NULL DEFAULT '[]', tracking text NOT NULL DEFAULT 'quantity', hold_for text,
  hold_max text, version bigint NOT NULL DEFAULT 0);
CREATE TABLE locations (
  location text PRIMARY KEY, title text, region text, time_zone text,
  priority int NOT NULL DEFAULT 100, active boolean NOT NULL DEFAULT true,
  version bigint NOT NULL DEFAULT 0);
CREATE TABLE channels (
  channel text PRIMARY KEY, title text, active boolean NOT NULL DEFAULT true,
  all_locations boolean NOT NULL DEFAULT true, locations jsonb, version bigint NOT NULL DEFAULT 0);
CREATE TABLE stock (
  sku text NOT NULL REFERENCES items, location text NOT NULL DEFAULT 'main' REFERENCES locations,
  lot text NOT NULL DEFAULT '', on_hand bigint NOT NULL DEFAULT 0,
  available bigint GENERATED ALWAYS AS (on_hand) STORED
    CONSTRAINT stock_available_nonneg CHECK (available >= 0),
  held bigint NOT NULL DEFAULT 0, committed bigint NOT NULL DEFAULT 0,
  backordered bigint NOT NULL DEFAULT 0, damaged bigint NOT NULL DEFAULT 0,
  quality_control bigint NOT NULL DEFAULT 0, safety_stock bigint NOT NULL DEFAULT 0,
  shortage bigint NOT NULL DEFAULT 0, incoming bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0, PRIMARY KEY (sku, location, lot));
INSERT INTO locations (location, title) VALUES ('main', NULL);
INSERT INTO channels (channel) VALUES ('default');
"""
FRESH = f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {TABLES}"
# What initdb takes from the machine, and what it is to a Holdfast on any machine.
SETTINGS = "ALTER DATABASE holdfast SET TimeZone = 'UTC'; ALTER SYSTEM SET fsync = off;"
