ALTER TABLE cohorts DROP COLUMN seating_delegated;

-- Messages that the program before this step does not know.
DELETE FROM outbox WHERE kind = 'seat_lapsed';
