-- Drawn and explained in src/store/mod.rs.
CREATE TABLE summaries (
    conversation TEXT    NOT NULL PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    through_seq  INTEGER NOT NULL,
    summary      TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
