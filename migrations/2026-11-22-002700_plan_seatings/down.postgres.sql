DROP POLICY seating_plan_rows_wall ON seating_plan_rows;
DROP POLICY seating_plans_wall ON seating_plans;
