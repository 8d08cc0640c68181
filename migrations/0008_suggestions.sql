-- Drawn and explained in src/store/mod.rs.
CREATE TABLE suggestions (
    id            TEXT    NOT NULL PRIMARY KEY,
    conversation  TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    through_seq   INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    wish          TEXT,
    of_suggestion TEXT,
    text          TEXT    NOT NULL,
    record        TEXT    NOT NULL,
    confidence    REAL    NOT NULL,
    made_for      TEXT,
    created_ms    INTEGER NOT NULL,
    outcome       TEXT    CHECK (outcome IN ('accepted', 'edited', 'rejected')),
    outcome_by    TEXT,
    outcome_ms    INTEGER,
    sent_text     TEXT,
    message_seq   INTEGER,
    composing_ms  INTEGER,
    edit_distance INTEGER,
    similarity    REAL,
    saved_ms      INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX suggestions_by_conversation ON suggestions (conversation, created_ms);
CREATE INDEX suggestions_by_time ON suggestions (created_ms);
CREATE INDEX messages_of_agents_in_order ON messages (created_ms, conversation, seq) WHERE author = 'agent';
