-- A job is seen as its import is.
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY jobs_wall ON jobs USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        ELSE FALSE
    END
);
