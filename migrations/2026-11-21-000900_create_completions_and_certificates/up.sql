CREATE TABLE completions (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    decided_by BIGINT NOT NULL,
    override_reason TEXT,
    evidence TEXT NOT NULL,
    CONSTRAINT completions_pkey PRIMARY KEY (id),
    CONSTRAINT completions_enrollment_key UNIQUE (enrollment_id),
    CONSTRAINT completions_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT completions_outcome_check CHECK (outcome IN ('completed', 'not_completed'))
);

CREATE TABLE certificate_counters (
    issuer_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    CONSTRAINT certificate_counters_pkey PRIMARY KEY (issuer_id, year),
    CONSTRAINT certificate_counters_issuer_fkey FOREIGN KEY (issuer_id) REFERENCES partners (id)
);

CREATE TABLE certificates (
    id BIGINT NOT NULL,
    completion_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    issuer_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    number TEXT NOT NULL,
    code TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    snapshot_sha256 TEXT NOT NULL,
    issued_on DATE NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    issued_by BIGINT NOT NULL,
    revoked_on DATE,
    revocation_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT certificates_pkey PRIMARY KEY (id),
    CONSTRAINT certificates_completion_fkey FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT certificates_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT certificates_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT certificates_issuer_fkey FOREIGN KEY (issuer_id) REFERENCES partners (id),
    CONSTRAINT certificates_sequence_key UNIQUE (issuer_id, year, sequence),
    CONSTRAINT certificates_number_key UNIQUE (issuer_id, number),
    CONSTRAINT certificates_code_key UNIQUE (code)
);

CREATE UNIQUE INDEX certificates_valid_key ON certificates (completion_id) WHERE revoked_on IS NULL;
CREATE INDEX certificates_class_idx ON certificates (class_id, id);
CREATE INDEX certificates_province_idx ON certificates (province_code, id);
