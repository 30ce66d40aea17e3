DROP INDEX jobs_class_idx;
DROP INDEX imports_class_idx;

ALTER TABLE jobs DROP COLUMN class_id;
ALTER TABLE imports DROP COLUMN class_id;
ALTER TABLE imports DROP COLUMN kind;
