-- While a hold is in force nothing new is done with a person's data. It ends on the day `until`, if there is one.
CREATE TABLE holds (
    id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    why TEXT NOT NULL,
    since DATE NOT NULL,
    until DATE,
    placed_by BIGINT NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (id),
    CONSTRAINT holds_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT holds_why_check CHECK (why IN ('suspension', 'withdrawal', 'erasure'))
);

CREATE UNIQUE INDEX holds_live_key ON holds (participant_id, why) WHERE until IS NULL;
CREATE INDEX holds_participant_idx ON holds (participant_id, id);

CREATE TABLE person_requests (
    id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    school_id BIGINT,
    kind TEXT NOT NULL,
    purpose TEXT,
    until DATE,
    asked_by TEXT NOT NULL,
    asker_sealed TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    state TEXT NOT NULL,
    ground TEXT,
    answer_sealed TEXT,
    decided_at TIMESTAMP,
    decided_by BIGINT,
    version INTEGER NOT NULL,
    CONSTRAINT person_requests_pkey PRIMARY KEY (id),
    CONSTRAINT person_requests_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT person_requests_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT person_requests_kind_check CHECK (kind IN (
        'access', 'correction', 'erasure', 'suspension', 'resumption', 'withdrawal')),
    CONSTRAINT person_requests_asked_by_check CHECK (asked_by IN ('participant', 'father', 'mother', 'guardian')),
    CONSTRAINT person_requests_state_check CHECK (state IN ('open', 'done', 'refused')),
    CONSTRAINT person_requests_ground_check CHECK ((state = 'refused') = (ground IS NOT NULL)),
    CONSTRAINT person_requests_decision_check CHECK ((state = 'open') = (decided_at IS NULL))
);

CREATE INDEX person_requests_work_idx ON person_requests (province_code, received_at, id);
CREATE INDEX person_requests_school_idx ON person_requests (school_id, received_at, id);
CREATE INDEX person_requests_participant_idx ON person_requests (participant_id, id);

CREATE TABLE incidents (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    happened_at TIMESTAMP,
    found_at TIMESTAMP NOT NULL,
    what TEXT NOT NULL,
    kinds TEXT NOT NULL,
    remedy TEXT,
    people INTEGER NOT NULL,
    state TEXT NOT NULL,
    agency_notified_on DATE,
    people_notified_on DATE,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT incidents_pkey PRIMARY KEY (id),
    CONSTRAINT incidents_state_check CHECK (state IN ('open', 'closed'))
);

CREATE INDEX incidents_province_idx ON incidents (province_code, id);

CREATE TABLE incident_people (
    incident_id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    CONSTRAINT incident_people_pkey PRIMARY KEY (incident_id, participant_id),
    CONSTRAINT incident_people_incident_fkey FOREIGN KEY (incident_id) REFERENCES incidents (id),
    CONSTRAINT incident_people_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id)
);

-- What is left of marks once their time is over.
CREATE TABLE attendance_tallies (
    enrollment_id BIGINT NOT NULL,
    mark TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    lesson_hours INTEGER NOT NULL,
    CONSTRAINT attendance_tallies_pkey PRIMARY KEY (enrollment_id, mark),
    CONSTRAINT attendance_tallies_enrollment_fkey FOREIGN KEY (enrollment_id) REFERENCES enrollments (id),
    CONSTRAINT attendance_tallies_mark_check CHECK (mark IN ('H', 'T', 'S', 'I', 'A'))
);

-- A guardian's consent ends when the person's own takes its place.
ALTER TABLE consents ADD COLUMN replaced_by BIGINT;

CREATE INDEX enrollments_participant_idx ON enrollments (participant_id, id);
