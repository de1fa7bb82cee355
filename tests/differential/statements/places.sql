INSERT INTO locations (location, title, region, time_zone, priority, active) VALUES ('P1', 'Berlin', 'DE', 'Europe/Berlin', 7, false) RETURNING location, title, region, time_zone, priority, active
INSERT INTO locations (location) VALUES ('P1')
INSERT INTO locations (location, priority) VALUES ('P1', 9), ('P2', 8) ON CONFLICT (location) DO UPDATE SET priority = excluded.priority RETURNING location, priority, active
UPDATE locations SET priority = 5, active = 'yes' WHERE location = 'P1' RETURNING priority, active
UPDATE locations SET active = DEFAULT, priority = DEFAULT WHERE location = 'P1' RETURNING priority, active
UPDATE locations SET active = 1 WHERE location = 'P1'
UPDATE locations SET active = 'maybe' WHERE location = 'P1'
UPDATE locations SET priority = '5.0' WHERE location = 'P1'
UPDATE locations SET priority = ' 6 ' WHERE location = 'P1' RETURNING priority
UPDATE locations SET priority = NULL WHERE location = 'P1'
UPDATE locations SET region = 'x' WHERE location = 'nope'
INSERT INTO channels (channel, title) VALUES ('C1', 'Web'), ('C2', NULL) RETURNING channel, title, active, all_locations
INSERT INTO channels (channel) VALUES ('C1')
UPDATE channels SET active = false WHERE channel = 'C1' RETURNING active
UPDATE channels SET active = NULL WHERE channel = 'C1'
