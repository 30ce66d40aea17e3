-- A score that was mistyped or never was leaves the scores that count and stays here as it was, with who took it out, when
-- and why; `replaced_by` is the score in its place, if there is one.
CREATE TABLE corrected_scores (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    component TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    score BIGINT NOT NULL,
    assessed_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    replaced_by BIGINT,
    corrected_at TIMESTAMP NOT NULL,
    corrected_by BIGINT NOT NULL,
    reason TEXT,
    CONSTRAINT corrected_scores_pkey PRIMARY KEY (id),
    CONSTRAINT corrected_scores_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT corrected_scores_score_check CHECK (score >= 0 AND score <= 10000)
);

CREATE INDEX corrected_scores_enrollment_idx ON corrected_scores (enrollment_id, id);
