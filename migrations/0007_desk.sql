-- Drawn and explained in src/store/mod.rs.
--
-- What the desk lists is kept with each conversation, by triggers: whoever writes a message or a judgement keeps it right in
-- the same transaction.
ALTER TABLE conversations ADD COLUMN last_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN preview TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN preview_from TEXT;
ALTER TABLE conversations ADD COLUMN waiting_ms INTEGER;
ALTER TABLE conversations ADD COLUMN judged_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN escalation REAL;
ALTER TABLE conversations ADD COLUMN escalation_reason TEXT;
ALTER TABLE conversations ADD COLUMN dissatisfied REAL;
ALTER TABLE conversations ADD COLUMN intent TEXT;
ALTER TABLE conversations ADD COLUMN owner_name TEXT;
ALTER TABLE conversations ADD COLUMN owner_value REAL;
ALTER TABLE conversations ADD COLUMN profile TEXT;
ALTER TABLE conversations ADD COLUMN snoozed_until_ms INTEGER;
ALTER TABLE conversations ADD COLUMN assigned_to TEXT;
ALTER TABLE conversations ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN customer_read_seq INTEGER NOT NULL DEFAULT 0;

CREATE INDEX conversations_by_last ON conversations (last_ms DESC, id) WHERE last_seq > 0;
CREATE INDEX conversations_open ON conversations (state, assignee, assigned_to, snoozed_until_ms) WHERE state <> 'closed' AND last_seq > 0;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until_ms) WHERE snoozed_until_ms IS NOT NULL;
CREATE INDEX messages_of_agents ON messages (created_ms) WHERE author = 'agent';

UPDATE conversations SET
    last_ms = coalesce((SELECT created_ms FROM messages WHERE conversation = id ORDER BY seq DESC LIMIT 1), created_ms),
    preview = coalesce((SELECT substr(replace(replace(text, char(13), ' '), char(10), ' '), 1, 140) FROM messages
        WHERE conversation = id AND author <> 'event' ORDER BY seq DESC LIMIT 1), ''),
    preview_from = (SELECT author FROM messages WHERE conversation = id AND author <> 'event' ORDER BY seq DESC LIMIT 1),
    waiting_ms = (SELECT created_ms FROM messages
        WHERE conversation = id AND author = 'customer' AND seq > answered_seq ORDER BY seq LIMIT 1),
    judged_seq = coalesce((SELECT max(seq) FROM judgements WHERE conversation = id), 0);
UPDATE conversations SET
    escalation = (SELECT json_extract(judgement, '$.escalation.probability') FROM judgements
        WHERE conversation = id AND seq = judged_seq),
    escalation_reason = (SELECT json_extract(judgement, '$.escalation.reason') FROM judgements
        WHERE conversation = id AND seq = judged_seq),
    dissatisfied = (SELECT json_extract(judgement, '$.satisfaction.dissatisfied') FROM judgements
        WHERE conversation = id AND seq = judged_seq),
    intent = (SELECT json_extract(judgement, '$.intent.name') FROM judgements
        WHERE conversation = id AND seq = judged_seq)
WHERE judged_seq > 0;

CREATE TRIGGER message_is_the_newest AFTER INSERT ON messages
BEGIN
    UPDATE conversations SET
        last_ms = new.created_ms,
        preview = CASE new.author WHEN 'event' THEN preview
            -- A file without words goes by its name.
            ELSE substr(replace(replace(coalesce(nullif(new.text, ''), json_extract(new.files, '$[0].name'), ''),
                char(13), ' '), char(10), ' '), 1, 140) END,
        preview_from = CASE new.author WHEN 'event' THEN preview_from ELSE new.author END,
        waiting_ms = CASE new.author WHEN 'customer' THEN coalesce(waiting_ms, new.created_ms) ELSE waiting_ms END,
        snoozed_until_ms = CASE new.author WHEN 'customer' THEN NULL ELSE snoozed_until_ms END
    WHERE id = new.conversation;
END;

CREATE TRIGGER messages_were_answered AFTER UPDATE OF answered_seq ON conversations
WHEN new.answered_seq <> old.answered_seq
BEGIN
    UPDATE conversations SET waiting_ms = (SELECT created_ms FROM messages
        WHERE conversation = new.id AND author = 'customer' AND seq > new.answered_seq ORDER BY seq LIMIT 1)
    WHERE id = new.id;
END;

CREATE TRIGGER message_was_judged AFTER INSERT ON judgements
BEGIN
    UPDATE conversations SET
        judged_seq = new.seq,
        escalation = json_extract(new.judgement, '$.escalation.probability'),
        escalation_reason = json_extract(new.judgement, '$.escalation.reason'),
        dissatisfied = json_extract(new.judgement, '$.satisfaction.dissatisfied'),
        intent = json_extract(new.judgement, '$.intent.name')
    WHERE id = new.conversation AND judged_seq <= new.seq;
END;

CREATE TRIGGER message_was_judged_again AFTER UPDATE ON judgements
BEGIN
    UPDATE conversations SET
        judged_seq = new.seq,
        escalation = json_extract(new.judgement, '$.escalation.probability'),
        escalation_reason = json_extract(new.judgement, '$.escalation.reason'),
        dissatisfied = json_extract(new.judgement, '$.satisfaction.dissatisfied'),
        intent = json_extract(new.judgement, '$.intent.name')
    WHERE id = new.conversation AND judged_seq <= new.seq;
END;

CREATE TABLE conversation_tags (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    tag          TEXT    NOT NULL,
    PRIMARY KEY (conversation, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_tags_by_tag ON conversation_tags (tag, conversation);

CREATE TABLE notes (
    conversation TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    id           TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    whisper_to   TEXT,
    after_seq    INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (conversation, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
    conversation TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    member       TEXT    NOT NULL COLLATE NOCASE,
    created_ms   INTEGER NOT NULL,
    read_ms      INTEGER,
    PRIMARY KEY (conversation, note, member),
    FOREIGN KEY (conversation, note) REFERENCES notes (conversation, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX mentions_by_member ON mentions (member, created_ms);
CREATE INDEX mentions_unread ON mentions (member, conversation) WHERE read_ms IS NULL;

CREATE TABLE canned_replies (
    id         TEXT    NOT NULL PRIMARY KEY,
    shortcut   TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    title      TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    updated_ms INTEGER NOT NULL,
    updated_by TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The words of messages. A deleted message is taken out of the index itself, not only marked.
CREATE TABLE message_words_of (
    id           INTEGER NOT NULL PRIMARY KEY,
    conversation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    UNIQUE (conversation, seq)
) STRICT;

CREATE VIRTUAL TABLE message_words USING fts5 (words, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER message_was_removed AFTER DELETE ON messages
BEGIN
    DELETE FROM message_words WHERE rowid =
        (SELECT id FROM message_words_of WHERE conversation = old.conversation AND seq = old.seq);
    DELETE FROM message_words_of WHERE conversation = old.conversation AND seq = old.seq;
END;
