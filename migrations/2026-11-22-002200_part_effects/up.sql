-- What applying an import wrote, apart from its file: the file is there already when this comes, and need not be written
-- once more.
CREATE TABLE import_effects (
    import_id BIGINT NOT NULL,
    effects_sealed TEXT NOT NULL,
    CONSTRAINT import_effects_pkey PRIMARY KEY (import_id),
    CONSTRAINT import_effects_import_fkey FOREIGN KEY (import_id) REFERENCES imports (id)
);

INSERT INTO import_effects (import_id, effects_sealed)
SELECT import_id, effects_sealed FROM import_contents WHERE effects_sealed IS NOT NULL;

ALTER TABLE import_contents DROP COLUMN effects_sealed;
