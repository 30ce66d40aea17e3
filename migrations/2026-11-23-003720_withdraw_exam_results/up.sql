-- A result that was entered for the wrong person is taken back: it stays, is not in force, and says who took it back and why.
ALTER TABLE exam_results ADD COLUMN withdrawn_at TIMESTAMP;
ALTER TABLE exam_results ADD COLUMN withdrawn_by BIGINT;
ALTER TABLE exam_results ADD COLUMN withdrawal_reason TEXT;

-- The number of a paper that somebody else has as well.
CREATE INDEX exam_results_number_idx ON exam_results (certificate_number) WHERE in_force AND certificate_number IS NOT NULL;
