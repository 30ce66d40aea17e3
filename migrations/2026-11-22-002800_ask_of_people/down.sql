ALTER TABLE cohorts DROP COLUMN eligibility;
