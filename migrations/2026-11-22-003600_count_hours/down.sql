ALTER TABLE class_feeds DROP COLUMN coming_hours;
ALTER TABLE class_feeds DROP COLUMN held_hours;
