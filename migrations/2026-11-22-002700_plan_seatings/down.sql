DROP INDEX enrollment_transitions_out_of_order_idx;
ALTER TABLE enrollment_transitions DROP COLUMN out_of_order;
DROP TABLE seating_plan_classes;
DROP TABLE seating_plan_rows;
DROP TABLE seating_plans;
