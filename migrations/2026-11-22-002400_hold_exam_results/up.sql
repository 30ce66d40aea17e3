-- What people reached in exams outside the programs. A correction is a row of its own that replaces an earlier one; no row
-- is ever written over. `sitting` is what was sat for: the level, or the scheme itself where one sitting gives whatever
-- level was reached. `computed` is what the scheme of the day makes of the scores.
CREATE TABLE exam_results (
    id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    scheme TEXT NOT NULL,
    sitting TEXT NOT NULL,
    level TEXT,
    taken_on DATE NOT NULL,
    sections TEXT NOT NULL,
    total BIGINT,
    outcome TEXT NOT NULL,
    computed TEXT,
    certificate_number TEXT,
    valid_until DATE,
    reason TEXT,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    replaces BIGINT,
    in_force BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT exam_results_pkey PRIMARY KEY (id),
    CONSTRAINT exam_results_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT exam_results_replaces_key UNIQUE (replaces),
    CONSTRAINT exam_results_outcome_check CHECK (outcome IN ('passed', 'failed')),
    CONSTRAINT exam_results_computed_check CHECK (computed IN ('passed', 'failed')),
    CONSTRAINT exam_results_level_check CHECK (outcome = 'failed' OR level IS NOT NULL)
);

CREATE UNIQUE INDEX exam_results_in_force_key ON exam_results (participant_id, scheme, sitting, taken_on) WHERE in_force;
CREATE INDEX exam_results_participant_idx ON exam_results (participant_id, taken_on, id);
CREATE INDEX exam_results_expiry_idx ON exam_results (valid_until, id) WHERE in_force AND outcome = 'passed';
