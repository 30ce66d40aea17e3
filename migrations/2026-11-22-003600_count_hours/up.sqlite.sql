DROP TRIGGER sessions_delete_feed;
DROP TRIGGER sessions_update_feed;
DROP TRIGGER sessions_insert_feed;

CREATE TRIGGER sessions_insert_feed AFTER INSERT ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number, held_hours, coming_hours) VALUES (
        NEW.class_id, 1,
        CASE NEW.state WHEN 'held' THEN NEW.lesson_hours ELSE 0 END,
        CASE NEW.state WHEN 'planned' THEN NEW.lesson_hours ELSE 0 END)
        ON CONFLICT (class_id) DO UPDATE SET
            number = number + 1,
            held_hours = held_hours + excluded.held_hours,
            coming_hours = coming_hours + excluded.coming_hours;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER sessions_update_feed AFTER UPDATE ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number, held_hours, coming_hours) VALUES (
        NEW.class_id, 1,
        CASE NEW.state WHEN 'held' THEN NEW.lesson_hours ELSE 0 END
        - CASE OLD.state WHEN 'held' THEN OLD.lesson_hours ELSE 0 END,
        CASE NEW.state WHEN 'planned' THEN NEW.lesson_hours ELSE 0 END
        - CASE OLD.state WHEN 'planned' THEN OLD.lesson_hours ELSE 0 END)
        ON CONFLICT (class_id) DO UPDATE SET
            number = number + 1,
            held_hours = held_hours + excluded.held_hours,
            coming_hours = coming_hours + excluded.coming_hours;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER sessions_delete_feed AFTER DELETE ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number, held_hours, coming_hours) VALUES (
        OLD.class_id, 1,
        -CASE OLD.state WHEN 'held' THEN OLD.lesson_hours ELSE 0 END,
        -CASE OLD.state WHEN 'planned' THEN OLD.lesson_hours ELSE 0 END)
        ON CONFLICT (class_id) DO UPDATE SET
            number = number + 1,
            held_hours = held_hours + excluded.held_hours,
            coming_hours = coming_hours + excluded.coming_hours;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', OLD.id, number FROM class_feeds WHERE class_id = OLD.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;
