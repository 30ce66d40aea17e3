-- Where somebody sat before a transfer, and from when until when: what was attended there counts on.
CREATE TABLE class_stays (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    seated_on DATE NOT NULL,
    left_on DATE NOT NULL,
    CONSTRAINT class_stays_pkey PRIMARY KEY (id),
    CONSTRAINT class_stays_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT class_stays_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id)
);

CREATE INDEX class_stays_enrollment_idx ON class_stays (enrollment_id);
CREATE INDEX class_stays_class_idx ON class_stays (class_id);

-- The last day of a leave, as far as it is known.
ALTER TABLE enrollment_transitions ADD COLUMN until DATE;

-- Seats of a class that a school names people for until a day. They are held like offers: `classes.held` counts those that
-- are not named yet.
CREATE TABLE seat_reservations (
    id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    school_id BIGINT NOT NULL,
    seats INTEGER NOT NULL,
    named INTEGER NOT NULL,
    until DATE NOT NULL,
    returned_at TIMESTAMP,
    made_at TIMESTAMP NOT NULL,
    made_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT seat_reservations_pkey PRIMARY KEY (id),
    CONSTRAINT seat_reservations_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT seat_reservations_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT seat_reservations_seats_check CHECK (seats > 0 AND named >= 0 AND named <= seats)
);

CREATE INDEX seat_reservations_class_idx ON seat_reservations (class_id, id);
CREATE INDEX seat_reservations_school_idx ON seat_reservations (school_id, id);
CREATE INDEX seat_reservations_due_idx ON seat_reservations (until) WHERE returned_at IS NULL;
