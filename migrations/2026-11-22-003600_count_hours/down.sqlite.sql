DROP TRIGGER sessions_delete_feed;
DROP TRIGGER sessions_update_feed;
DROP TRIGGER sessions_insert_feed;

CREATE TRIGGER sessions_insert_feed AFTER INSERT ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (NEW.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER sessions_update_feed AFTER UPDATE ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (NEW.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER sessions_delete_feed AFTER DELETE ON sessions BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (OLD.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'session', OLD.id, number FROM class_feeds WHERE class_id = OLD.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;
