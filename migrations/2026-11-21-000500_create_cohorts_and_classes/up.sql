CREATE TABLE cohorts (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    program_id BIGINT NOT NULL,
    program_version_id BIGINT NOT NULL,
    segment TEXT NOT NULL,
    name TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    registration_opens_on DATE NOT NULL,
    registration_closes_on DATE NOT NULL,
    seats_wanted INTEGER NOT NULL,
    class_size INTEGER NOT NULL,
    length_reason TEXT,
    state TEXT NOT NULL,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT cohorts_pkey PRIMARY KEY (id),
    CONSTRAINT cohorts_version_fkey FOREIGN KEY (program_version_id) REFERENCES program_versions (id),
    CONSTRAINT cohorts_program_fkey FOREIGN KEY (program_id) REFERENCES programs (id),
    CONSTRAINT cohorts_name_key UNIQUE (province_code, program_id, segment, name),
    CONSTRAINT cohorts_segment_check CHECK (segment IN ('alumni', 'grade_xii', 'public')),
    CONSTRAINT cohorts_state_check CHECK (state IN ('draft', 'open', 'running', 'closed', 'cancelled')),
    CONSTRAINT cohorts_period_check CHECK (starts_on <= ends_on AND registration_opens_on <= registration_closes_on),
    CONSTRAINT cohorts_class_size_check CHECK (class_size > 0)
);

CREATE INDEX cohorts_province_idx ON cohorts (province_code, id);

CREATE TABLE classes (
    id BIGINT NOT NULL,
    cohort_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    regency_code TEXT NOT NULL,
    partner_id BIGINT NOT NULL,
    agreement_id BIGINT NOT NULL,
    agreement_override TEXT,
    instructor_id BIGINT,
    name TEXT NOT NULL,
    room TEXT,
    seats INTEGER NOT NULL,
    seated INTEGER NOT NULL,
    minimum INTEGER NOT NULL,
    reserves INTEGER NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    state TEXT NOT NULL,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT classes_pkey PRIMARY KEY (id),
    CONSTRAINT classes_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT classes_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT classes_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT classes_instructor_fkey FOREIGN KEY (instructor_id) REFERENCES accounts (id),
    CONSTRAINT classes_name_key UNIQUE (cohort_id, partner_id, name),
    CONSTRAINT classes_state_check CHECK (state IN ('planned', 'running', 'completed', 'cancelled')),
    CONSTRAINT classes_period_check CHECK (starts_on <= ends_on),
    -- The wall that no two requests can climb: a class never holds more people than seats.
    CONSTRAINT classes_seats_check CHECK (seated >= 0 AND seated <= seats)
);

CREATE INDEX classes_cohort_idx ON classes (cohort_id, id);
CREATE INDEX classes_partner_idx ON classes (partner_id, id);
CREATE INDEX classes_instructor_idx ON classes (instructor_id, id);
CREATE INDEX classes_province_idx ON classes (province_code, id);

CREATE TABLE class_slots (
    class_id BIGINT NOT NULL,
    weekday INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    lesson_hours INTEGER NOT NULL,
    CONSTRAINT class_slots_pkey PRIMARY KEY (class_id, weekday, starts_at),
    CONSTRAINT class_slots_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT class_slots_weekday_check CHECK (weekday >= 1 AND weekday <= 7),
    CONSTRAINT class_slots_starts_at_check CHECK (starts_at >= 0 AND starts_at < 1440),
    CONSTRAINT class_slots_lesson_hours_check CHECK (lesson_hours > 0 AND lesson_hours <= 16)
);

-- Seats and classes by the regency of the host, kept current with every class.
CREATE TABLE class_counts (
    cohort_id BIGINT NOT NULL,
    regency_code TEXT NOT NULL,
    classes INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    CONSTRAINT class_counts_pkey PRIMARY KEY (cohort_id, regency_code),
    CONSTRAINT class_counts_cohort_fkey FOREIGN KEY (cohort_id) REFERENCES cohorts (id),
    CONSTRAINT class_counts_classes_check CHECK (classes >= 0 AND seats >= 0)
);
