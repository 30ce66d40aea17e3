CREATE OR REPLACE FUNCTION vokasi_session_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What is not there has no hours: NEW of a deleted session, OLD of a new one.
    held bigint := CASE WHEN NEW.state = 'held' THEN NEW.lesson_hours ELSE 0 END
        - CASE WHEN OLD.state = 'held' THEN OLD.lesson_hours ELSE 0 END;
    coming bigint := CASE WHEN NEW.state = 'planned' THEN NEW.lesson_hours ELSE 0 END
        - CASE WHEN OLD.state = 'planned' THEN OLD.lesson_hours ELSE 0 END;
    counted bigint;
BEGIN
    INSERT INTO class_feeds AS feed (class_id, number, held_hours, coming_hours)
    VALUES (COALESCE(NEW.class_id, OLD.class_id), 1, held, coming)
    ON CONFLICT (class_id) DO UPDATE SET
        number = feed.number + 1,
        held_hours = feed.held_hours + excluded.held_hours,
        coming_hours = feed.coming_hours + excluded.coming_hours
    RETURNING feed.number INTO counted;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
    VALUES (COALESCE(NEW.class_id, OLD.class_id), 'session', COALESCE(NEW.id, OLD.id), counted)
    ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
    RETURN NULL;
END
$$;
