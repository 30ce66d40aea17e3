CREATE TABLE imports (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    school_id BIGINT NOT NULL,
    cohort_id BIGINT,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    rows_sealed TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by BIGINT NOT NULL,
    applied_at TIMESTAMP,
    applied_by BIGINT,
    version INTEGER NOT NULL,
    CONSTRAINT imports_pkey PRIMARY KEY (id),
    CONSTRAINT imports_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT imports_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT imports_state_check CHECK (state IN ('planned', 'applied'))
);

CREATE INDEX imports_province_idx ON imports (province_code, id);
CREATE INDEX imports_school_idx ON imports (school_id, id);
