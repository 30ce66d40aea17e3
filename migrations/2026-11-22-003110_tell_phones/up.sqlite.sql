-- Whoever changes something of a class says so here, whichever statement it was.
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

CREATE TRIGGER enrollments_insert_feed AFTER INSERT ON enrollments
WHEN NEW.class_id IS NOT NULL BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (NEW.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'person', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER enrollments_update_feed AFTER UPDATE ON enrollments
WHEN NEW.class_id IS NOT NULL AND (
    OLD.class_id IS NOT NEW.class_id OR OLD.state <> NEW.state
    OR OLD.seated_on IS NOT NEW.seated_on OR OLD.left_on IS NOT NEW.left_on) BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (NEW.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'person', NEW.id, number FROM class_feeds WHERE class_id = NEW.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER enrollments_leave_feed AFTER UPDATE ON enrollments
WHEN OLD.class_id IS NOT NULL AND OLD.class_id IS NOT NEW.class_id BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (OLD.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'person', OLD.id, number FROM class_feeds WHERE class_id = OLD.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER enrollments_delete_feed AFTER DELETE ON enrollments
WHEN OLD.class_id IS NOT NULL BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (OLD.class_id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'person', OLD.id, number FROM class_feeds WHERE class_id = OLD.class_id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER classes_feed AFTER UPDATE ON classes
WHEN OLD.state <> NEW.state OR OLD.name <> NEW.name
    OR OLD.instructor_id IS NOT NEW.instructor_id BEGIN
    INSERT INTO class_feeds (class_id, number) VALUES (NEW.id, 1)
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_id, 'class', NEW.id, number FROM class_feeds WHERE class_id = NEW.id
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;
