-- What a cohort asks of people beside its segment, and how grave each check is: one document, as its curriculum is.
ALTER TABLE cohorts ADD COLUMN eligibility TEXT NOT NULL DEFAULT '{}';
