CREATE TABLE sessions (
    id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    instructor_id BIGINT,
    held_on DATE NOT NULL,
    starts_at INTEGER NOT NULL,
    lesson_hours INTEGER NOT NULL,
    module_code TEXT NOT NULL,
    state TEXT NOT NULL,
    cancel_reason TEXT,
    reported_at TIMESTAMP,
    version INTEGER NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT sessions_time_key UNIQUE (class_id, held_on, starts_at),
    CONSTRAINT sessions_state_check CHECK (state IN ('planned', 'held', 'cancelled')),
    CONSTRAINT sessions_lesson_hours_check CHECK (lesson_hours > 0)
);

CREATE UNIQUE INDEX sessions_instructor_key ON sessions (instructor_id, held_on, starts_at)
    WHERE state <> 'cancelled' AND instructor_id IS NOT NULL;

-- The largest table: 33 bytes a row with these keys. marked_at is microseconds since 1970 in UTC.
CREATE TABLE attendance (
    session_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    mark TEXT NOT NULL,
    marked_at BIGINT NOT NULL,
    marked_by BIGINT NOT NULL,
    CONSTRAINT attendance_pkey PRIMARY KEY (session_id, enrollment_id),
    CONSTRAINT attendance_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id),
    CONSTRAINT attendance_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT attendance_mark_check CHECK (mark IN ('H', 'T', 'S', 'I', 'A'))
);

-- Every value that a correction replaced, with who set it and from which device.
CREATE TABLE attendance_corrections (
    id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    mark TEXT NOT NULL,
    marked_at BIGINT NOT NULL,
    marked_by BIGINT NOT NULL,
    replaced_at TIMESTAMP NOT NULL,
    replaced_by BIGINT NOT NULL,
    device TEXT NOT NULL,
    CONSTRAINT attendance_corrections_pkey PRIMARY KEY (id),
    CONSTRAINT attendance_corrections_mark_fkey FOREIGN KEY (session_id, enrollment_id)
        REFERENCES attendance (session_id, enrollment_id)
);

CREATE INDEX attendance_corrections_mark_idx ON attendance_corrections (session_id, enrollment_id, id);

-- score is in hundredths of a point.
CREATE TABLE scores (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    component TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    score BIGINT NOT NULL,
    assessed_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    CONSTRAINT scores_pkey PRIMARY KEY (id),
    CONSTRAINT scores_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT scores_attempt_key UNIQUE (enrollment_id, component, attempt),
    CONSTRAINT scores_score_check CHECK (score >= 0 AND score <= 10000)
);
