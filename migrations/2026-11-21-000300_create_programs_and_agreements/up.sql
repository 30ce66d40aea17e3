CREATE TABLE agreements (
    id BIGINT NOT NULL,
    partner_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    signed_on DATE NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    seats INTEGER,
    seats_planned INTEGER NOT NULL,
    terminated_on DATE,
    termination_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT agreements_pkey PRIMARY KEY (id),
    CONSTRAINT agreements_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT agreements_number_key UNIQUE (partner_id, number),
    CONSTRAINT agreements_kind_check CHECK (kind IN ('mou', 'pks', 'nota_kesepakatan', 'kesepakatan_bersama', 'assignment')),
    CONSTRAINT agreements_period_check CHECK (starts_on <= ends_on),
    CONSTRAINT agreements_seats_check CHECK (seats IS NULL OR seats_planned <= seats)
);

CREATE TABLE programs (
    id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    latest INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT programs_pkey PRIMARY KEY (id),
    CONSTRAINT programs_code_key UNIQUE (code)
);

-- A version is frozen once published, so its curriculum is one document.
CREATE TABLE program_versions (
    id BIGINT NOT NULL,
    program_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    lesson_hours INTEGER NOT NULL,
    curriculum TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT program_versions_pkey PRIMARY KEY (id),
    CONSTRAINT program_versions_number_key UNIQUE (program_id, number),
    CONSTRAINT program_versions_program_fkey FOREIGN KEY (program_id) REFERENCES programs (id)
);

CREATE TABLE agreement_programs (
    agreement_id BIGINT NOT NULL,
    program_id BIGINT NOT NULL,
    CONSTRAINT agreement_programs_pkey PRIMARY KEY (agreement_id, program_id),
    CONSTRAINT agreement_programs_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT agreement_programs_program_fkey FOREIGN KEY (program_id) REFERENCES programs (id)
);
