-- Phones that keep a class are told when one of its people is called otherwise, or is erased.
CREATE TRIGGER participants_name_feed AFTER UPDATE OF name ON participants
WHEN OLD.name <> NEW.name BEGIN
    INSERT INTO class_feeds (class_id, number)
        SELECT class_id, 1 FROM enrollments WHERE participant_id = NEW.id AND class_id IS NOT NULL
        UNION
        SELECT class_stays.class_id, 1 FROM class_stays
            JOIN enrollments ON enrollments.id = class_stays.enrollment_id WHERE participant_id = NEW.id
        ON CONFLICT (class_id) DO UPDATE SET number = number + 1;
    INSERT INTO class_changes (class_id, kind, subject_id, number)
        SELECT class_feeds.class_id, 'person', theirs.id, class_feeds.number FROM class_feeds JOIN (
            SELECT class_id, id FROM enrollments WHERE participant_id = NEW.id AND class_id IS NOT NULL
            UNION
            SELECT class_stays.class_id, enrollments.id FROM class_stays
                JOIN enrollments ON enrollments.id = class_stays.enrollment_id WHERE participant_id = NEW.id
        ) AS theirs ON theirs.class_id = class_feeds.class_id WHERE true
        ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END;
