-- What an older program cannot name goes.
CREATE TABLE outbox_kept AS SELECT * FROM outbox WHERE kind <> 'agreement_ends';
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
    CONSTRAINT outbox_kind_check CHECK (kind IN (
        'invitation', 'password_reset', 'new_login', 'password_changed',
        'second_factor_set', 'second_factor_removed', 'recovery_code_used')),
    CONSTRAINT outbox_state_check CHECK (
        (state = 'waiting' AND content IS NOT NULL AND sent_at IS NULL)
        OR (state = 'sent' AND content IS NULL AND sent_at IS NOT NULL)
        OR (state = 'failed' AND error IS NOT NULL AND sent_at IS NULL))
);

INSERT INTO outbox SELECT * FROM outbox_kept;
DROP TABLE outbox_kept;

CREATE INDEX outbox_due_idx ON outbox (state, next_attempt_at);
CREATE INDEX outbox_account_idx ON outbox (account_id, id);

DROP INDEX classes_agreement_idx;
DROP INDEX agreements_end_idx;
DROP TABLE agreement_warnings;
DROP TABLE agreement_files;
DROP TABLE agreement_years;
DROP TABLE agreement_parties;
DROP TABLE agreement_regencies;
DROP TABLE agreement_parents;
-- A draft allows nothing, and an older program would take it for an agreement that holds.
UPDATE agreements SET terminated_on = starts_on, termination_reason = 'draft' WHERE is_draft AND terminated_on IS NULL;
ALTER TABLE agreements DROP COLUMN seats_per_year;
ALTER TABLE agreements DROP COLUMN is_draft;
