-- Sealed text does not compress; trying to would cost more than writing it.
ALTER TABLE import_contents
    ALTER COLUMN rows_sealed SET STORAGE EXTERNAL,
    ALTER COLUMN plan_sealed SET STORAGE EXTERNAL,
    ALTER COLUMN effects_sealed SET STORAGE EXTERNAL;

ALTER TABLE import_contents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY import_contents_wall ON import_contents USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM imports WHERE imports.id = import_contents.import_id)
);
