CREATE OR REPLACE FUNCTION vokasi_classes() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE vokasi_reach()
        WHEN 'school' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'partner' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'instructor' THEN ARRAY(SELECT id FROM classes WHERE instructor_id = (SELECT vokasi_holder()))
    END
$$;

ALTER POLICY seating_plan_rows_wall ON seating_plan_rows USING (
    (SELECT vokasi_reach()) = 'everything' OR plan_id IN (SELECT id FROM seating_plans)
);

ALTER POLICY seating_plans_wall ON seating_plans USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        ELSE FALSE
    END
);
