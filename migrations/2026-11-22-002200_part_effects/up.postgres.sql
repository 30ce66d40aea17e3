-- Sealed text does not compress; trying to would cost more than writing it.
ALTER TABLE import_effects ALTER COLUMN effects_sealed SET STORAGE EXTERNAL;

ALTER TABLE import_effects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY import_effects_wall ON import_effects USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM imports WHERE imports.id = import_effects.import_id)
);
