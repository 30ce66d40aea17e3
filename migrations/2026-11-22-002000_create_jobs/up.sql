-- Long work on a school's file that outlives the request that asked for it.
-- `asked` is what applying or undoing needs to know; `file_sealed` is a file that waits to be planned, gone when the job
-- ends. `outcome` is what came of it: counts, or the code and the facts of why nothing did.
CREATE TABLE jobs (
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    province_code TEXT NOT NULL,
    school_id BIGINT NOT NULL,
    import_id BIGINT,
    file_rows INTEGER NOT NULL,
    asked TEXT NOT NULL,
    file_sealed TEXT,
    attempts INTEGER NOT NULL,
    outcome TEXT,
    asked_by BIGINT NOT NULL,
    service_token_id BIGINT,
    request_id TEXT NOT NULL,
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    ended_at TIMESTAMP,
    cancelled_by BIGINT,
    version INTEGER NOT NULL,
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT jobs_import_fkey FOREIGN KEY (import_id) REFERENCES imports (id),
    CONSTRAINT jobs_kind_check CHECK (kind IN ('plan', 'application', 'undo')),
    CONSTRAINT jobs_state_check CHECK (
        (state IN ('queued', 'running') AND ended_at IS NULL AND outcome IS NULL)
        OR (state IN ('done', 'failed') AND ended_at IS NOT NULL AND outcome IS NOT NULL AND file_sealed IS NULL)
        OR (state = 'cancelled' AND ended_at IS NOT NULL AND outcome IS NULL AND file_sealed IS NULL))
);

-- An import is worked on once at a time.
CREATE UNIQUE INDEX jobs_open_key ON jobs (import_id) WHERE ended_at IS NULL;
CREATE INDEX jobs_ended_idx ON jobs (ended_at, id);
CREATE INDEX jobs_province_idx ON jobs (province_code, id);
CREATE INDEX jobs_school_idx ON jobs (school_id, id);
