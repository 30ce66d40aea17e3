CREATE TABLE participants (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    regency_code TEXT NOT NULL,
    school_id BIGINT,
    name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    sex TEXT NOT NULL,
    birth_place TEXT NOT NULL,
    birth_date DATE NOT NULL,
    nik_hash TEXT,
    nik_sealed TEXT,
    nisn TEXT,
    student_number TEXT,
    homeroom TEXT,
    graduation_year INTEGER,
    contact_sealed TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT participants_pkey PRIMARY KEY (id),
    CONSTRAINT participants_nik_key UNIQUE (nik_hash),
    CONSTRAINT participants_nisn_key UNIQUE (nisn),
    CONSTRAINT participants_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id),
    CONSTRAINT participants_sex_check CHECK (sex IN ('female', 'male')),
    CONSTRAINT participants_identity_check CHECK (nik_hash IS NOT NULL OR nisn IS NOT NULL)
);

CREATE INDEX participants_province_idx ON participants (province_code, id);
CREATE INDEX participants_school_idx ON participants (school_id, id);
CREATE INDEX participants_person_idx ON participants (search_name, birth_date);

CREATE TABLE consents (
    id BIGINT NOT NULL,
    participant_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    text_version TEXT NOT NULL,
    given_by TEXT NOT NULL,
    giver_sealed TEXT NOT NULL,
    method TEXT NOT NULL,
    given_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BIGINT NOT NULL,
    withdrawn_on DATE,
    version INTEGER NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (id),
    CONSTRAINT consents_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT consents_purpose_check CHECK (purpose IN ('training', 'placement', 'publication')),
    CONSTRAINT consents_given_by_check CHECK (given_by IN ('participant', 'father', 'mother', 'guardian')),
    CONSTRAINT consents_method_check CHECK (method IN ('paper', 'electronic', 'recorded'))
);

CREATE UNIQUE INDEX consents_live_key ON consents (participant_id, purpose) WHERE withdrawn_on IS NULL;
