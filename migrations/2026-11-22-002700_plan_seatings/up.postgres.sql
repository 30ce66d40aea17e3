-- A plan is the office's.
ALTER TABLE seating_plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seating_plans_wall ON seating_plans USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        ELSE FALSE
    END
);

-- Its plans are few: they are looked up once a statement and not once a row.
ALTER TABLE seating_plan_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seating_plan_rows_wall ON seating_plan_rows USING (
    (SELECT vokasi_reach()) = 'everything' OR plan_id IN (SELECT id FROM seating_plans)
);
