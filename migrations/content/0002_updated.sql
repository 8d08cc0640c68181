-- Drawn and explained in src/retrieve/content/mod.rs.
ALTER TABLE items ADD COLUMN updated_ms INTEGER;
