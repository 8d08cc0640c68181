-- Drawn and explained in src/store/mod.rs.
CREATE TABLE judgements (
    conversation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    judgement    TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE labels (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('satisfaction', 'emotion', 'escalation', 'intent', 'comment')),
    source       TEXT    NOT NULL CHECK (source IN ('agent', 'survey')),
    author       TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq, kind, source, author)
) STRICT, WITHOUT ROWID;
