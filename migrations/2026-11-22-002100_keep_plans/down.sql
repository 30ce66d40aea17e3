DROP TABLE rule_severities;

ALTER TABLE imports ADD COLUMN rows_sealed TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN effects_sealed TEXT;

UPDATE imports SET
    rows_sealed = (SELECT rows_sealed FROM import_contents WHERE import_id = imports.id),
    effects_sealed = (SELECT effects_sealed FROM import_contents WHERE import_id = imports.id)
WHERE id IN (SELECT import_id FROM import_contents);

DROP TABLE import_contents;
