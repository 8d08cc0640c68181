-- Drawn and explained in src/store/mod.rs.
ALTER TABLE conversations ADD COLUMN assignee TEXT;
ALTER TABLE conversations ADD COLUMN state_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN waited_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN agent TEXT;

CREATE INDEX conversations_by_state ON conversations (state, state_ms) WHERE state IN ('queued', 'agent');
