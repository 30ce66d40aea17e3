DROP INDEX sessions_unreported_idx;
DROP TABLE class_changes;
DROP TABLE class_feeds;
ALTER TABLE sessions DROP COLUMN register_at;
