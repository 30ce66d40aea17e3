-- Every mark that came from a device that was offline, under the identity it was given there: the same one is never taken
-- twice. `moment` is the register's clock when it arrived, `seen` the one that was known where it was made.
CREATE TABLE attendance_entries (
    id TEXT NOT NULL,
    session_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    mark TEXT NOT NULL,
    minutes_late INTEGER,
    note_sealed TEXT,
    device TEXT NOT NULL,
    place BIGINT NOT NULL,
    seen BIGINT,
    made_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    received_by BIGINT NOT NULL,
    moment BIGINT NOT NULL,
    state TEXT NOT NULL,
    result TEXT NOT NULL,
    clash_id BIGINT,
    CONSTRAINT attendance_entries_pkey PRIMARY KEY (id),
    CONSTRAINT attendance_entries_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT attendance_entries_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT attendance_entries_mark_check CHECK (mark IN ('H', 'T', 'S', 'I', 'A')),
    CONSTRAINT attendance_entries_state_check CHECK (state IN ('with', 'apart', 'past')),
    CONSTRAINT attendance_entries_result_check CHECK (result IN ('stored', 'same', 'clash', 'superseded'))
);

CREATE INDEX attendance_entries_mark_idx ON attendance_entries (session_id, enrollment_id);
CREATE INDEX attendance_entries_note_idx ON attendance_entries (enrollment_id) WHERE note_sealed IS NOT NULL;

-- Two values for one mark whose writers had not seen one another: a person decides.
CREATE TABLE attendance_clashes (
    id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    outcome TEXT,
    closed_at TIMESTAMP,
    closed_by BIGINT,
    mark TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT attendance_clashes_pkey PRIMARY KEY (id),
    CONSTRAINT attendance_clashes_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT attendance_clashes_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT attendance_clashes_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT attendance_clashes_outcome_check CHECK (
        (outcome IS NULL AND closed_at IS NULL)
        OR (outcome IN ('resolved', 'agreed') AND closed_at IS NOT NULL))
);

CREATE UNIQUE INDEX attendance_clashes_open_key ON attendance_clashes (session_id, enrollment_id)
    WHERE outcome IS NULL;
CREATE INDEX attendance_clashes_class_idx ON attendance_clashes (class_id, id);
