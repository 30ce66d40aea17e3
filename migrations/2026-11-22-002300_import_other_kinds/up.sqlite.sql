-- SQLite has no statement that takes a NOT NULL away. Its documentation names this way for such a change, which leaves
-- every row as it is written.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'school_id INTEGER NOT NULL', 'school_id INTEGER')
WHERE type = 'table' AND name IN ('imports', 'jobs');
PRAGMA writable_schema = RESET;
