-- Lesson hours of a class's sessions, kept as they are held: those with a register, and those still to come.
ALTER TABLE class_feeds ADD COLUMN held_hours BIGINT NOT NULL DEFAULT 0;
ALTER TABLE class_feeds ADD COLUMN coming_hours BIGINT NOT NULL DEFAULT 0;

INSERT INTO class_feeds (class_id, number)
SELECT DISTINCT class_id, 0 FROM sessions WHERE class_id NOT IN (SELECT class_id FROM class_feeds);

UPDATE class_feeds SET
    held_hours = (SELECT COALESCE(SUM(lesson_hours), 0) FROM sessions
        WHERE sessions.class_id = class_feeds.class_id AND sessions.state = 'held'),
    coming_hours = (SELECT COALESCE(SUM(lesson_hours), 0) FROM sessions
        WHERE sessions.class_id = class_feeds.class_id AND sessions.state = 'planned');
