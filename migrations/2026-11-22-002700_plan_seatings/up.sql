-- Who is to sit where: worked out from a cohort's waiting list, looked at and adjusted by a person, applied in one step.
CREATE TABLE seating_plans (
    id BIGINT NOT NULL,
    cohort_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    state TEXT NOT NULL,
    summary TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by BIGINT NOT NULL,
    applied_at TIMESTAMP,
    applied_by BIGINT,
    version INTEGER NOT NULL,
    CONSTRAINT seating_plans_pkey PRIMARY KEY (id),
    CONSTRAINT seating_plans_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT seating_plans_state_check CHECK (
        (state IN ('open', 'replaced') AND applied_at IS NULL) OR (state = 'applied' AND applied_at IS NOT NULL))
);

-- Of two plans of a cohort that are made at once one stays.
CREATE UNIQUE INDEX seating_plans_open_key ON seating_plans (cohort_id) WHERE state = 'open';
CREATE INDEX seating_plans_cohort_idx ON seating_plans (cohort_id, id);

-- One waiting person: the seat, a place in reserve, or why neither. A reason stands where a person chose by hand.
CREATE TABLE seating_plan_rows (
    plan_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    place INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    class_id BIGINT,
    why TEXT,
    why_not TEXT,
    chosen BOOLEAN NOT NULL,
    reason TEXT,
    out_of_order BOOLEAN NOT NULL,
    moved BOOLEAN NOT NULL,
    class_before BIGINT,
    CONSTRAINT seating_plan_rows_pkey PRIMARY KEY (plan_id, enrollment_id),
    CONSTRAINT seating_plan_rows_plan_fkey FOREIGN KEY (plan_id) REFERENCES seating_plans (id),
    CONSTRAINT seating_plan_rows_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT seating_plan_rows_outcome_check CHECK (
        (outcome IN ('seat', 'reserve') AND class_id IS NOT NULL) OR (outcome = 'left' AND class_id IS NULL))
);

CREATE INDEX seating_plan_rows_enrollment_idx ON seating_plan_rows (enrollment_id);

-- One class as the plan leaves it.
CREATE TABLE seating_plan_classes (
    plan_id BIGINT NOT NULL,
    class_id BIGINT NOT NULL,
    seats INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    minimum INTEGER NOT NULL,
    reserves INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    CONSTRAINT seating_plan_classes_pkey PRIMARY KEY (plan_id, class_id),
    CONSTRAINT seating_plan_classes_plan_fkey FOREIGN KEY (plan_id) REFERENCES seating_plans (id),
    CONSTRAINT seating_plan_classes_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT seating_plan_classes_seats_check CHECK (taken + planned <= seats AND reserved <= reserves)
);

-- Whether a seat was given to somebody while another had to come first; everyone who was passed over is told.
ALTER TABLE enrollment_transitions ADD COLUMN out_of_order BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX enrollment_transitions_out_of_order_idx ON enrollment_transitions (enrollment_id) WHERE out_of_order;
