DROP TABLE session_moves;

-- An older program knows one session of a class at a time, cancelled or not.
DELETE FROM sessions WHERE cancel_reason IS NOT NULL AND EXISTS (
    SELECT 1 FROM sessions AS other
    WHERE other.class_id = sessions.class_id AND other.held_on = sessions.held_on
        AND other.starts_at = sessions.starts_at AND other.id <> sessions.id
        AND (other.cancel_reason IS NULL OR other.id > sessions.id));

DROP TRIGGER sessions_update_wall ON sessions;
DROP TRIGGER sessions_insert_wall ON sessions;
DROP FUNCTION sessions_in_one_place();
DROP INDEX sessions_replaces_key;
DROP INDEX sessions_room_idx;
DROP INDEX sessions_instructor_idx;
DROP INDEX sessions_class_idx;
ALTER TABLE sessions
    DROP CONSTRAINT sessions_cancelled_check,
    DROP CONSTRAINT sessions_room_check,
    DROP CONSTRAINT sessions_ends_at_check,
    DROP COLUMN changed_at,
    DROP COLUMN replaces,
    DROP COLUMN by_hand,
    DROP COLUMN room_id,
    DROP COLUMN room,
    DROP COLUMN ends_at,
    ADD CONSTRAINT sessions_time_key UNIQUE (class_id, held_on, starts_at);
CREATE UNIQUE INDEX sessions_instructor_key ON sessions (instructor_id, held_on, starts_at)
    WHERE state <> 'cancelled' AND instructor_id IS NOT NULL;
