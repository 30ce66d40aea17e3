-- Days on which a partner does not teach, or nobody of the province does: exam weeks, school holidays, internships.
CREATE TABLE calendar_entries (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    -- Whose they are; those of the whole province when it is NULL.
    partner_id BIGINT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    -- Digits of the weekdays it holds on, 1 Monday to 7 Sunday: an internship is often 1234.
    weekdays TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT calendar_entries_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_entries_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT calendar_entries_period_check CHECK (starts_on <= ends_on),
    CONSTRAINT calendar_entries_weekdays_check CHECK (weekdays <> '')
);

CREATE INDEX calendar_entries_place_idx ON calendar_entries (province_code, partner_id, ends_on);

-- A room is the same by its name at its partner, whatever its capitals.
CREATE TABLE rooms (
    id BIGINT NOT NULL,
    partner_id BIGINT NOT NULL,
    folded_name TEXT NOT NULL,
    CONSTRAINT rooms_pkey PRIMARY KEY (id),
    CONSTRAINT rooms_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT rooms_name_key UNIQUE (partner_id, folded_name)
);

-- Where a session was before it was moved.
CREATE TABLE session_moves (
    id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    held_on DATE NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    instructor_id BIGINT,
    room TEXT,
    reason TEXT NOT NULL,
    moved_at TIMESTAMP NOT NULL,
    moved_by BIGINT NOT NULL,
    CONSTRAINT session_moves_pkey PRIMARY KEY (id),
    CONSTRAINT session_moves_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id)
);

CREATE INDEX session_moves_session_idx ON session_moves (session_id, id);
