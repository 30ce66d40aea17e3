-- A file brings people, or something else of which a province or a class is the place: those have no school.
ALTER TABLE imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'people'
    CONSTRAINT imports_kind_check CHECK (kind IN ('people', 'partners', 'attendance', 'exam_results'));
ALTER TABLE imports ADD COLUMN class_id BIGINT;
ALTER TABLE jobs ADD COLUMN class_id BIGINT;

CREATE INDEX imports_class_idx ON imports (class_id, id) WHERE class_id IS NOT NULL;
CREATE INDEX jobs_class_idx ON jobs (class_id, id) WHERE class_id IS NOT NULL;

