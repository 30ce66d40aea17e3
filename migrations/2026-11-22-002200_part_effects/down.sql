ALTER TABLE import_contents ADD COLUMN effects_sealed TEXT;

UPDATE import_contents SET
    effects_sealed = (SELECT effects_sealed FROM import_effects WHERE import_effects.import_id = import_contents.import_id);

DROP TABLE import_effects;
