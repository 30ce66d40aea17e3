DROP TABLE reopened_completions;
ALTER TABLE completions DROP COLUMN is_open;
