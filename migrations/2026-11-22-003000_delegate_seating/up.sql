-- Whether the regencies may answer offers of a cohort's seats and look at its seating plans.
ALTER TABLE cohorts ADD COLUMN seating_delegated BOOLEAN NOT NULL DEFAULT FALSE;
