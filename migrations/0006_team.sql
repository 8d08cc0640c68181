-- Drawn and explained in src/store/mod.rs.
CREATE TABLE team_members (
    name          TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    role          TEXT    NOT NULL CHECK (role IN ('agent', 'admin')),
    password_hash TEXT    NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE team_sessions (
    id          TEXT    NOT NULL PRIMARY KEY,
    secret_hash TEXT    NOT NULL UNIQUE,
    member      TEXT    NOT NULL COLLATE NOCASE REFERENCES team_members (name) ON DELETE CASCADE,
    created_ms  INTEGER NOT NULL,
    seen_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX team_sessions_by_member ON team_sessions (member);

CREATE TABLE team_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    secret_hash TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('agent', 'admin')),
    created_by  TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL,
    expires_ms  INTEGER,
    used_ms     INTEGER,
    revoked_ms  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE team_failures (
    who_hash TEXT    NOT NULL PRIMARY KEY,
    count    INTEGER NOT NULL,
    last_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE team_generation (
    number INTEGER NOT NULL
) STRICT;
INSERT INTO team_generation (number) VALUES (1);
