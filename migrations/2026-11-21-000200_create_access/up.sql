CREATE TABLE accounts (
    id BIGINT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    province_code TEXT,
    regency_code TEXT,
    partner_id BIGINT,
    password_hash TEXT,
    disabled BOOLEAN NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_email_key UNIQUE (email),
    CONSTRAINT accounts_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT accounts_role_check CHECK (role IN (
        'platform_admin', 'education_office', 'regency_officer', 'school_coordinator',
        'partner_manager', 'instructor', 'observer')),
    CONSTRAINT accounts_scope_check CHECK (
        (role = 'platform_admin' AND province_code IS NULL AND regency_code IS NULL AND partner_id IS NULL)
        OR (role IN ('education_office', 'observer') AND province_code IS NOT NULL AND regency_code IS NULL AND partner_id IS NULL)
        OR (role = 'regency_officer' AND province_code IS NOT NULL AND regency_code IS NOT NULL AND partner_id IS NULL)
        OR (role IN ('school_coordinator', 'partner_manager', 'instructor') AND province_code IS NOT NULL AND partner_id IS NOT NULL))
);

CREATE INDEX accounts_province_idx ON accounts (province_code, id);

CREATE TABLE password_links (
    token_hash TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    CONSTRAINT password_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT password_links_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE INDEX password_links_account_idx ON password_links (account_id);

CREATE TABLE logins (
    id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    refreshed_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    end_reason TEXT,
    CONSTRAINT logins_pkey PRIMARY KEY (id),
    CONSTRAINT logins_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE INDEX logins_account_idx ON logins (account_id, id);

CREATE TABLE refresh_tokens (
    token_hash TEXT NOT NULL,
    login_id BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_login_fkey FOREIGN KEY (login_id) REFERENCES logins (id)
);

CREATE INDEX refresh_tokens_login_idx ON refresh_tokens (login_id);

CREATE TABLE idempotency_keys (
    account_id BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, idempotency_key),
    CONSTRAINT idempotency_keys_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);

CREATE TABLE audit_events (
    id BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    province_code TEXT,
    account_id BIGINT,
    role TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (id)
);

CREATE INDEX audit_events_subject_idx ON audit_events (subject_kind, subject_id, id);
CREATE INDEX audit_events_province_idx ON audit_events (province_code, id);
