CREATE TABLE enrollments (
    id BIGINT NOT NULL,
    cohort_id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    regency_code TEXT NOT NULL,
    school_id BIGINT,
    class_id BIGINT,
    state TEXT NOT NULL,
    live BOOLEAN NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    seated_on DATE,
    left_on DATE,
    import_id BIGINT,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT enrollments_pkey PRIMARY KEY (id),
    CONSTRAINT enrollments_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT enrollments_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT enrollments_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT enrollments_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT enrollments_import_fkey FOREIGN KEY (import_id) REFERENCES imports (id),
    CONSTRAINT enrollments_state_check CHECK (state IN (
        'applied', 'waitlisted', 'active', 'on_leave', 'completed', 'not_completed', 'withdrawn', 'dropped_out')),
    CONSTRAINT enrollments_seat_check CHECK (
        state NOT IN ('active', 'on_leave', 'completed', 'not_completed') OR class_id IS NOT NULL)
);

CREATE UNIQUE INDEX enrollments_live_key ON enrollments (participant_id, cohort_id) WHERE live;
CREATE INDEX enrollments_queue_idx ON enrollments (cohort_id, state, applied_at, id);
CREATE INDEX enrollments_class_idx ON enrollments (class_id, id);
CREATE INDEX enrollments_school_idx ON enrollments (school_id, id);
CREATE INDEX enrollments_province_idx ON enrollments (province_code, id);

CREATE TABLE enrollment_transitions (
    id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    class_id BIGINT,
    reason TEXT,
    at TIMESTAMP NOT NULL,
    account_id BIGINT,
    CONSTRAINT enrollment_transitions_pkey PRIMARY KEY (id),
    CONSTRAINT enrollment_transitions_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id)
);

CREATE INDEX enrollment_transitions_enrollment_idx ON enrollment_transitions (enrollment_id, id);

-- Kept current in the transaction of every change, so that a figure is never summed over people at reading time.
CREATE TABLE enrollment_counts (
    cohort_id BIGINT NOT NULL,
    regency_code TEXT NOT NULL,
    state TEXT NOT NULL,
    people INTEGER NOT NULL,
    CONSTRAINT enrollment_counts_pkey PRIMARY KEY (cohort_id, regency_code, state),
    CONSTRAINT enrollment_counts_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT enrollment_counts_people_check CHECK (people >= 0)
);
