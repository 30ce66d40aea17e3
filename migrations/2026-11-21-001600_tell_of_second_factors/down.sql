-- What an older program cannot name goes.
CREATE TABLE outbox_kept AS SELECT * FROM outbox
    WHERE kind IN ('invitation', 'password_reset', 'new_login', 'password_changed');
DROP TABLE outbox;

CREATE TABLE outbox (
    id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    content TEXT,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    error TEXT,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT outbox_kind_check CHECK (kind IN ('invitation', 'password_reset', 'new_login', 'password_changed')),
    CONSTRAINT outbox_state_check CHECK (
        (state = 'waiting' AND content IS NOT NULL AND sent_at IS NULL)
        OR (state = 'sent' AND content IS NULL AND sent_at IS NOT NULL)
        OR (state = 'failed' AND error IS NOT NULL AND sent_at IS NULL))
);

INSERT INTO outbox SELECT * FROM outbox_kept;
DROP TABLE outbox_kept;

CREATE INDEX outbox_due_idx ON outbox (state, next_attempt_at);
CREATE INDEX outbox_account_idx ON outbox (account_id, id);
