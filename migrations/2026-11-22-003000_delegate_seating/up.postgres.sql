-- A plan is the office's, and the regencies' where their cohort's seating is delegated.
ALTER POLICY seating_plans_wall ON seating_plans USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'regency' THEN province_code = left((SELECT vokasi_reach_of()), 2)
            AND EXISTS (SELECT FROM cohorts WHERE cohorts.id = seating_plans.cohort_id AND cohorts.seating_delegated)
        ELSE FALSE
    END
);

-- A regency sees its own people of it.
ALTER POLICY seating_plan_rows_wall ON seating_plan_rows USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'regency' THEN plan_id IN (SELECT id FROM seating_plans)
            AND EXISTS (SELECT FROM enrollments WHERE enrollments.id = seating_plan_rows.enrollment_id)
        ELSE plan_id IN (SELECT id FROM seating_plans)
    END
);

-- Classes that the school or the partner hosts, or that the instructor teaches or stands in for: whoever marks one session
-- has to find the people of its class.
CREATE OR REPLACE FUNCTION vokasi_classes() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE vokasi_reach()
        WHEN 'school' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'partner' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'instructor' THEN ARRAY(
            SELECT id FROM classes WHERE instructor_id = (SELECT vokasi_holder())
            UNION SELECT class_id FROM sessions
            WHERE instructor_id = (SELECT vokasi_holder()) AND cancel_reason IS NULL)
    END
$$;
