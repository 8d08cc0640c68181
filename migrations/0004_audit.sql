-- Drawn and explained in src/store/mod.rs.
CREATE TABLE audit (
    seq      INTEGER NOT NULL PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    previous TEXT    NOT NULL,
    hash     TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE tombstones (
    owner_hash TEXT    NOT NULL PRIMARY KEY,
    erased_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE installation (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO installation (name, value) VALUES ('salt', lower(hex(randomblob(32))));
