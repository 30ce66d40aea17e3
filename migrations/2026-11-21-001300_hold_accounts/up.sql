-- The second factor of an account: sealed secrets, and the last 30 seconds whose code was used.
ALTER TABLE accounts ADD COLUMN factor_secret TEXT;
ALTER TABLE accounts ADD COLUMN factor_offered TEXT;
ALTER TABLE accounts ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;

CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL,
    code_hash TEXT NOT NULL,
    used_at TIMESTAMP,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash),
    CONSTRAINT recovery_codes_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

-- A login may be one that can only set up a second factor; sensitive acts need a recent confirmation.
ALTER TABLE logins ADD COLUMN factor_missing BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE logins ADD COLUMN confirmed_at TIMESTAMP;

-- Failures in a row, by a keyed hash of what they are counted for.
CREATE TABLE attempts (
    counter TEXT NOT NULL,
    failures INTEGER NOT NULL,
    failed_at TIMESTAMP NOT NULL,
    CONSTRAINT attempts_pkey PRIMARY KEY (counter)
);

CREATE INDEX attempts_failed_idx ON attempts (failed_at);

CREATE TABLE known_networks (
    account_id BIGINT NOT NULL,
    network TEXT NOT NULL,
    signed_in_at TIMESTAMP NOT NULL,
    CONSTRAINT known_networks_pkey PRIMARY KEY (account_id, network),
    CONSTRAINT known_networks_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE TABLE service_tokens (
    id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    operations TEXT NOT NULL,
    expires_on DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    ended_at TIMESTAMP,
    CONSTRAINT service_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT service_tokens_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE UNIQUE INDEX service_tokens_token_idx ON service_tokens (token_hash);
CREATE INDEX service_tokens_account_idx ON service_tokens (account_id, id);

-- What is thrown away by age is found by age.
CREATE INDEX refresh_tokens_expiry_idx ON refresh_tokens (expires_at);
