-- Drawn and explained in src/store/mod.rs.
CREATE TABLE conversations (
    id                TEXT    NOT NULL PRIMARY KEY,
    owner             TEXT    NOT NULL,
    state             TEXT    NOT NULL DEFAULT 'bot' CHECK (state IN ('bot', 'queued', 'agent', 'closed')),
    epoch             INTEGER NOT NULL DEFAULT 0,
    last_seq          INTEGER NOT NULL DEFAULT 0,
    last_customer_seq INTEGER NOT NULL DEFAULT 0,
    answered_seq      INTEGER NOT NULL DEFAULT 0,
    attempts          INTEGER NOT NULL DEFAULT 0,
    acknowledged      INTEGER NOT NULL DEFAULT 0,
    created_ms        INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_owner ON conversations (owner);
CREATE INDEX conversations_unanswered ON conversations (id) WHERE last_customer_seq > answered_seq;

CREATE TABLE messages (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    author       TEXT    NOT NULL CHECK (author IN ('customer', 'steward', 'agent', 'event')),
    message_id   TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    citations    TEXT    NOT NULL DEFAULT '[]',
    decision     TEXT,
    answers_seq  INTEGER,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq),
    UNIQUE (conversation, author, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_records (
    reply_id     TEXT    NOT NULL PRIMARY KEY,
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    record       TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
