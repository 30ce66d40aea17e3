ALTER TABLE participants DROP COLUMN import_id;
ALTER TABLE imports DROP COLUMN undone_by;
ALTER TABLE imports DROP COLUMN undone_at;
ALTER TABLE imports DROP COLUMN effects_sealed;
