-- A file without a school has no place any more.
DELETE FROM jobs WHERE school_id IS NULL;
DELETE FROM import_contents WHERE import_id IN (SELECT id FROM imports WHERE school_id IS NULL);
DELETE FROM imports WHERE school_id IS NULL;

PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'school_id INTEGER,', 'school_id INTEGER NOT NULL,')
WHERE type = 'table' AND name IN ('imports', 'jobs');
PRAGMA writable_schema = RESET;

