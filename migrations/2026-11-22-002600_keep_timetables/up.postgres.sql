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

-- A class, an instructor and a room are in one place at a time. Whoever writes waits for whoever else writes for the same
-- one, and then sees what they have written, since each statement of such a function sees what is committed by then.
-- That is so at one level of isolation alone. The words are those of SQLite.
CREATE FUNCTION sessions_in_one_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    met text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'sessions are planned at READ COMMITTED';
    END IF;
    PERFORM pg_advisory_xact_lock(NEW.class_id);
    IF EXISTS (
        SELECT FROM sessions WHERE class_id = NEW.class_id AND held_on = NEW.held_on AND id <> NEW.id
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL
    ) THEN
        met := 'sessions_class_excl';
    END IF;
    IF met IS NULL AND NEW.instructor_id IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(NEW.instructor_id);
        IF EXISTS (
            SELECT FROM sessions WHERE instructor_id = NEW.instructor_id AND held_on = NEW.held_on AND id <> NEW.id
                AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL
        ) THEN
            met := 'sessions_instructor_excl';
        END IF;
    END IF;
    IF met IS NULL AND NEW.room_id IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(NEW.room_id);
        IF EXISTS (
            SELECT FROM sessions WHERE room_id = NEW.room_id AND held_on = NEW.held_on AND id <> NEW.id
                AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL
        ) THEN
            met := 'sessions_room_excl';
        END IF;
    END IF;
    IF met IS NOT NULL THEN
        RAISE EXCEPTION 'EXCLUDE constraint failed: %', met USING ERRCODE = 'exclusion_violation', CONSTRAINT = met;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER sessions_insert_wall AFTER INSERT ON sessions
FOR EACH ROW WHEN (NEW.cancel_reason IS NULL) EXECUTE FUNCTION sessions_in_one_place();

CREATE TRIGGER sessions_update_wall
AFTER UPDATE OF class_id, instructor_id, room_id, held_on, starts_at, ends_at, cancel_reason ON sessions
FOR EACH ROW WHEN (NEW.cancel_reason IS NULL) EXECUTE FUNCTION sessions_in_one_place();
