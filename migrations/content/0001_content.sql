-- Drawn and explained in src/retrieve/content/mod.rs.
CREATE TABLE items (
    position   INTEGER NOT NULL PRIMARY KEY,
    key        TEXT    NOT NULL UNIQUE,
    change     INTEGER NOT NULL,
    customer   TEXT,
    hash       INTEGER,
    made_by    TEXT,
    content    TEXT,
    embeddings BLOB
) STRICT;

CREATE INDEX items_by_change ON items (change);
CREATE INDEX items_by_customer ON items (customer) WHERE customer IS NOT NULL;
CREATE INDEX items_by_maker ON items (made_by) WHERE made_by IS NOT NULL;

CREATE TABLE state (
    one            INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    identity       TEXT    NOT NULL,
    change         INTEGER NOT NULL,
    rebuild_before INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, lower(hex(randomblob(16))), 0, 0);
