-- What an import wrote, sealed: who was made, who was changed and how they were before, who was enrolled. None once it
-- is undone, or past its time.
ALTER TABLE imports ADD COLUMN effects_sealed TEXT;
ALTER TABLE imports ADD COLUMN undone_at TIMESTAMP;
ALTER TABLE imports ADD COLUMN undone_by BIGINT;

-- Who came by a file knows which.
ALTER TABLE participants ADD COLUMN import_id BIGINT;
