-- An agreement counts: who signed it with which number, under which agreement, for which regencies and how many seats a
-- year. A draft is not signed yet and allows nothing.
ALTER TABLE agreements ADD COLUMN is_draft BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE agreements ADD COLUMN seats_per_year INTEGER;

-- The agreement under which another one was made, such as a PKS under its Nota Kesepakatan.
CREATE TABLE agreement_parents (
    agreement_id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    CONSTRAINT agreement_parents_pkey PRIMARY KEY (agreement_id),
    CONSTRAINT agreement_parents_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT agreement_parents_parent_fkey FOREIGN KEY (parent_id) REFERENCES agreements (id)
);

-- The regencies it covers; none stands for all of its province.
CREATE TABLE agreement_regencies (
    agreement_id BIGINT NOT NULL,
    regency_code TEXT NOT NULL,
    CONSTRAINT agreement_regencies_pkey PRIMARY KEY (agreement_id, regency_code),
    CONSTRAINT agreement_regencies_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id)
);

-- Everyone who signed, in the order of the paper, each with the number it has there.
CREATE TABLE agreement_parties (
    agreement_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    number TEXT,
    signatory TEXT NOT NULL,
    title TEXT NOT NULL,
    authority TEXT,
    CONSTRAINT agreement_parties_pkey PRIMARY KEY (agreement_id, position),
    CONSTRAINT agreement_parties_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id)
);

-- Seats of classes that begin in a calendar year, where the agreement limits them by year.
CREATE TABLE agreement_years (
    agreement_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    seats_planned INTEGER NOT NULL,
    CONSTRAINT agreement_years_pkey PRIMARY KEY (agreement_id, year),
    CONSTRAINT agreement_years_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT agreement_years_seats_check CHECK (seats_planned <= seats)
);

-- The paper itself, sealed: names and signatures stand on it.
CREATE TABLE agreement_files (
    agreement_id BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    file_sealed TEXT NOT NULL,
    kept_at TIMESTAMP NOT NULL,
    kept_by BIGINT NOT NULL,
    CONSTRAINT agreement_files_pkey PRIMARY KEY (agreement_id),
    CONSTRAINT agreement_files_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id)
);

-- Which warnings of the end were sent, each once.
CREATE TABLE agreement_warnings (
    agreement_id BIGINT NOT NULL,
    days INTEGER NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    CONSTRAINT agreement_warnings_pkey PRIMARY KEY (agreement_id, days),
    CONSTRAINT agreement_warnings_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id)
);

CREATE INDEX agreements_end_idx ON agreements (ends_on);
CREATE INDEX classes_agreement_idx ON classes (agreement_id, id);

-- Which kinds of messages there are is the program's own word: a check of them would have to be moved with every new one,
-- and it cannot be taken away in place on both databases.
CREATE TABLE outbox_kept AS SELECT * FROM outbox;
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
    CONSTRAINT outbox_state_check CHECK (
        (state = 'waiting' AND content IS NOT NULL AND sent_at IS NULL)
        OR (state = 'sent' AND content IS NULL AND sent_at IS NOT NULL)
        OR (state = 'failed' AND error IS NOT NULL AND sent_at IS NULL))
);

INSERT INTO outbox SELECT * FROM outbox_kept;
DROP TABLE outbox_kept;

CREATE INDEX outbox_due_idx ON outbox (state, next_attempt_at);
CREATE INDEX outbox_account_idx ON outbox (account_id, id);
