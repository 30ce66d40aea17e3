PRAGMA defer_foreign_keys = ON;
DROP TABLE session_moves;

-- An older program knows one session of a class at a time, cancelled or not.
DELETE FROM sessions WHERE cancel_reason IS NOT NULL AND EXISTS (
    SELECT 1 FROM sessions AS other
    WHERE other.class_id = sessions.class_id AND other.held_on = sessions.held_on
        AND other.starts_at = sessions.starts_at AND other.id <> sessions.id
        AND (other.cancel_reason IS NULL OR other.id > sessions.id));

CREATE TABLE sessions_kept AS SELECT * FROM sessions;
DROP TABLE sessions;

CREATE TABLE sessions (
    id INTEGER NOT NULL,
    class_id INTEGER NOT NULL,
    instructor_id INTEGER,
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

INSERT INTO sessions
SELECT id, class_id, instructor_id, held_on, starts_at, lesson_hours, module_code, state, cancel_reason, reported_at,
    version
FROM sessions_kept;

DROP TABLE sessions_kept;

CREATE UNIQUE INDEX sessions_instructor_key ON sessions (instructor_id, held_on, starts_at)
    WHERE state <> 'cancelled' AND instructor_id IS NOT NULL;

