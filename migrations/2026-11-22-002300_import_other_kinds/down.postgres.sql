-- A file without a school has no place any more.
DELETE FROM jobs WHERE school_id IS NULL;
DELETE FROM import_contents WHERE import_id IN (SELECT id FROM imports WHERE school_id IS NULL);
DELETE FROM imports WHERE school_id IS NULL;

ALTER POLICY jobs_wall ON jobs USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        ELSE FALSE
    END
);
ALTER POLICY imports_wall ON imports USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        ELSE FALSE
    END
);

ALTER TABLE jobs ALTER COLUMN school_id SET NOT NULL;
ALTER TABLE imports ALTER COLUMN school_id SET NOT NULL;

