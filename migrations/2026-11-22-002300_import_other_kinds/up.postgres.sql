ALTER TABLE imports ALTER COLUMN school_id DROP NOT NULL;
ALTER TABLE jobs ALTER COLUMN school_id DROP NOT NULL;

-- What belongs to a class is seen by whoever hosts it and whoever teaches it.
ALTER POLICY imports_wall ON imports USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        WHEN 'partner' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        WHEN 'instructor' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        ELSE FALSE
    END
);
ALTER POLICY jobs_wall ON jobs USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        WHEN 'partner' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        WHEN 'instructor' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        ELSE FALSE
    END
);
