-- The keys with which partners sign what they issue. The private part goes when another key takes its place.
CREATE TABLE issuer_keys (
    id BIGINT NOT NULL,
    issuer_id BIGINT NOT NULL,
    kid TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    private_sealed TEXT,
    made_at TIMESTAMP NOT NULL,
    made_by BIGINT NOT NULL,
    retired_at TIMESTAMP,
    CONSTRAINT issuer_keys_pkey PRIMARY KEY (id),
    CONSTRAINT issuer_keys_kid_key UNIQUE (kid),
    CONSTRAINT issuer_keys_issuer_fkey FOREIGN KEY (issuer_id) REFERENCES partners (id),
    CONSTRAINT issuer_keys_retired_check CHECK ((retired_at IS NULL) = (private_sealed IS NOT NULL))
);

CREATE UNIQUE INDEX issuer_keys_current_key ON issuer_keys (issuer_id) WHERE retired_at IS NULL;
CREATE INDEX issuer_keys_issuer_idx ON issuer_keys (issuer_id, id);

-- Which credentials of an issuer no longer hold, a bit each, signed. A list takes no more when it is full.
CREATE TABLE status_lists (
    id BIGINT NOT NULL,
    issuer_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    jwt TEXT NOT NULL,
    CONSTRAINT status_lists_pkey PRIMARY KEY (id),
    CONSTRAINT status_lists_number_key UNIQUE (issuer_id, number),
    CONSTRAINT status_lists_issuer_fkey FOREIGN KEY (issuer_id) REFERENCES partners (id),
    CONSTRAINT status_lists_taken_check CHECK (taken >= 0 AND taken <= 131072)
);

-- The signed half of a certificate, frozen with it. Certificates from before have none.
CREATE TABLE credentials (
    certificate_id BIGINT NOT NULL,
    jwt TEXT NOT NULL,
    status_list_id BIGINT NOT NULL,
    status_index INTEGER NOT NULL,
    revoked BOOLEAN NOT NULL,
    CONSTRAINT credentials_pkey PRIMARY KEY (certificate_id),
    CONSTRAINT credentials_status_key UNIQUE (status_list_id, status_index),
    CONSTRAINT credentials_certificate_fkey FOREIGN KEY (certificate_id) REFERENCES certificates (id),
    CONSTRAINT credentials_list_fkey FOREIGN KEY (status_list_id) REFERENCES status_lists (id),
    CONSTRAINT credentials_index_check CHECK (status_index >= 0 AND status_index < 131072)
);

CREATE INDEX credentials_revoked_idx ON credentials (status_list_id, status_index) WHERE revoked;

-- The certificate that stands in the place of one that was replaced.
ALTER TABLE certificates ADD COLUMN replaced_by BIGINT;

CREATE UNIQUE INDEX certificates_replaced_by_key ON certificates (replaced_by);
