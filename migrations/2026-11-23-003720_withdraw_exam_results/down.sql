DROP INDEX exam_results_number_idx;
ALTER TABLE exam_results DROP COLUMN withdrawal_reason;
ALTER TABLE exam_results DROP COLUMN withdrawn_by;
ALTER TABLE exam_results DROP COLUMN withdrawn_at;
