-- Days in which an offer of a seat is answered.
ALTER TABLE cohorts ADD COLUMN offer_days INTEGER NOT NULL DEFAULT 3
    CONSTRAINT cohorts_offer_days_check CHECK (offer_days >= 1 AND offer_days <= 60);

-- A seat that is held for somebody is given to nobody else: the table itself refuses it.
ALTER TABLE classes ADD COLUMN held INTEGER NOT NULL DEFAULT 0
    CONSTRAINT classes_held_check CHECK (held >= 0 AND seated + held <= seats);

-- A seat that freed up, held for the next in order until it is answered.
CREATE TABLE seat_offers (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    answered_by BIGINT,
    answer TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT seat_offers_pkey PRIMARY KEY (id),
    CONSTRAINT seat_offers_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT seat_offers_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT seat_offers_answer_check CHECK (
        (answer IS NULL AND answered_at IS NULL)
        OR (answer IN ('accepted', 'refused', 'lapsed', 'withdrawn') AND answered_at IS NOT NULL))
);

-- Nobody is offered two seats at once.
CREATE UNIQUE INDEX seat_offers_open_key ON seat_offers (enrollment_id) WHERE answer IS NULL;
CREATE INDEX seat_offers_enrollment_idx ON seat_offers (enrollment_id, id);
CREATE INDEX seat_offers_class_idx ON seat_offers (class_id, id);
CREATE INDEX seat_offers_due_idx ON seat_offers (expires_at) WHERE answer IS NULL;
