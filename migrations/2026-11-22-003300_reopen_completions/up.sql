-- A decision that was opened again waits to be decided anew; what it was is kept beside it, with its evidence and why.
ALTER TABLE completions ADD COLUMN is_open BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE reopened_completions (
    id BIGINT NOT NULL,
    completion_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    decided_by BIGINT NOT NULL,
    override_reason TEXT,
    evidence TEXT NOT NULL,
    reopened_at TIMESTAMP NOT NULL,
    reopened_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT reopened_completions_pkey PRIMARY KEY (id),
    CONSTRAINT reopened_completions_completion_fkey FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT reopened_completions_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id)
);

CREATE INDEX reopened_completions_enrollment_idx ON reopened_completions (enrollment_id, id);
