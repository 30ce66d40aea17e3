DELETE FROM idempotency_keys;
ALTER TABLE idempotency_keys RENAME COLUMN answer_sealed TO body;
ALTER TABLE idempotency_keys ADD COLUMN request_hash TEXT NOT NULL DEFAULT '';
