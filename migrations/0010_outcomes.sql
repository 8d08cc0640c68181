-- Drawn and explained in src/store/mod.rs. What outcomes and gaps are read from, so that the texts need not be.
CREATE INDEX conversations_by_time ON conversations (created_ms);
CREATE INDEX messages_told ON messages (conversation, seq, author, created_ms, decision, citations <> '[]');
CREATE INDEX events_told ON messages (conversation, text, seq, created_ms) WHERE author = 'event';
CREATE INDEX judgements_told ON judgements (
    conversation, seq, json_extract(judgement, '$.intent.name'), json_extract(judgement, '$.satisfaction.dissatisfied'),
    json_extract(judgement, '$.satisfaction.rating'), json_extract(judgement, '$.escalation.reason'));
CREATE INDEX decision_records_told ON decision_records (
    conversation, created_ms, reply_id, json_extract(record, '$.intent.name'), json_extract(record, '$.intent.score'));

CREATE TABLE dismissed_gaps (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    dismissed_by TEXT    NOT NULL,
    dismissed_ms INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX replies_told ON messages (created_ms, conversation, seq, answers_seq, decision, citations <> '[]')
    WHERE author = 'steward';

CREATE TABLE question_vectors (
    conversation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    encoder      TEXT    NOT NULL,
    vector       BLOB    NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
