-- Drawn and explained in src/store/mod.rs.
CREATE TABLE files (
    id           TEXT    NOT NULL PRIMARY KEY,
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    client_id    TEXT    NOT NULL,
    uploader     TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    bytes        INTEGER NOT NULL,
    message_seq  INTEGER,
    created_ms   INTEGER NOT NULL,
    UNIQUE (conversation, uploader, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_unsent ON files (created_ms) WHERE message_seq IS NULL;

CREATE TABLE removed_files (
    id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TRIGGER a_file_goes_with_its_row AFTER DELETE ON files
BEGIN INSERT OR IGNORE INTO removed_files (id) VALUES (old.id); END;

ALTER TABLE messages ADD COLUMN files TEXT NOT NULL DEFAULT '[]';

CREATE TABLE attributes (
    conversation TEXT    NOT NULL PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    name         TEXT,
    email        TEXT,
    custom       TEXT    NOT NULL DEFAULT '{}',
    changed_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE labels_with_solved (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    kind         TEXT    NOT NULL
        CHECK (kind IN ('satisfaction', 'emotion', 'escalation', 'intent', 'comment', 'solved')),
    source       TEXT    NOT NULL CHECK (source IN ('agent', 'survey')),
    author       TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq, kind, source, author)
) STRICT, WITHOUT ROWID;
INSERT INTO labels_with_solved SELECT * FROM labels;
DROP TABLE labels;
ALTER TABLE labels_with_solved RENAME TO labels;
