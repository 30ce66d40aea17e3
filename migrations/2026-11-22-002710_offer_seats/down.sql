DROP TABLE seat_offers;
ALTER TABLE classes DROP COLUMN held;
ALTER TABLE cohorts DROP COLUMN offer_days;
