DROP INDEX sessions_instructor_key;
ALTER TABLE sessions
    DROP CONSTRAINT sessions_time_key,
    ADD COLUMN ends_at INTEGER,
    ADD COLUMN room TEXT,
    ADD COLUMN room_id BIGINT,
    ADD COLUMN by_hand BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN replaces BIGINT,
    ADD COLUMN changed_at TIMESTAMP;

CREATE INDEX sessions_class_idx ON sessions (class_id, held_on, starts_at);
CREATE INDEX sessions_instructor_idx ON sessions (instructor_id, held_on);
CREATE INDEX sessions_room_idx ON sessions (room_id, held_on);
CREATE UNIQUE INDEX sessions_replaces_key ON sessions (replaces) WHERE cancel_reason IS NULL AND replaces IS NOT NULL;

-- A session ends after its lesson hours, and at midnight at the latest. Where two overlapped, which nothing refused so
-- far, the first ends when the next begins.
UPDATE sessions SET changed_at = classes.updated_at, ends_at = LEAST(
    sessions.starts_at + sessions.lesson_hours * CAST(CAST(program_versions.curriculum AS json) ->> 'minutes_per_lesson_hour' AS integer),
    1440,
    (
        SELECT MIN(later.starts_at) FROM sessions AS later
        WHERE later.held_on = sessions.held_on AND later.starts_at > sessions.starts_at AND later.state <> 'cancelled'
            AND (later.class_id = sessions.class_id OR later.instructor_id = sessions.instructor_id)
    )
)
FROM classes
JOIN cohorts ON cohorts.id = classes.cohort_id
JOIN program_versions ON program_versions.id = cohorts.program_version_id
WHERE classes.id = sessions.class_id;

ALTER TABLE sessions
    ALTER COLUMN ends_at SET NOT NULL,
    ALTER COLUMN changed_at SET NOT NULL,
    ALTER COLUMN by_hand DROP DEFAULT,
    ADD CONSTRAINT sessions_room_fkey FOREIGN KEY (room_id) REFERENCES rooms (id),
    ADD CONSTRAINT sessions_ends_at_check CHECK (starts_at >= 0 AND ends_at > starts_at AND ends_at <= 1440),
    ADD CONSTRAINT sessions_room_check CHECK ((room IS NULL) = (room_id IS NULL)),
    ADD CONSTRAINT sessions_cancelled_check CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL));

-- A class, an instructor and a room are in one place at a time. That two numbers are the same is said as two ranges of
-- one number each that overlap, which needs no extension of the server. Nothing here names the state, so that a register
-- that comes in leaves these indexes alone.
ALTER TABLE sessions
    ADD CONSTRAINT sessions_class_excl EXCLUDE USING gist (
        int8range(class_id, class_id, '[]') WITH &&,
        int4range((held_on - DATE '2000-01-01') * 1440 + starts_at, (held_on - DATE '2000-01-01') * 1440 + ends_at) WITH &&
    ) WHERE (cancel_reason IS NULL),
    ADD CONSTRAINT sessions_instructor_excl EXCLUDE USING gist (
        int8range(instructor_id, instructor_id, '[]') WITH &&,
        int4range((held_on - DATE '2000-01-01') * 1440 + starts_at, (held_on - DATE '2000-01-01') * 1440 + ends_at) WITH &&
    ) WHERE (cancel_reason IS NULL AND instructor_id IS NOT NULL),
    ADD CONSTRAINT sessions_room_excl EXCLUDE USING gist (
        int8range(room_id, room_id, '[]') WITH &&,
        int4range((held_on - DATE '2000-01-01') * 1440 + starts_at, (held_on - DATE '2000-01-01') * 1440 + ends_at) WITH &&
    ) WHERE (cancel_reason IS NULL AND room_id IS NOT NULL);
