CREATE TABLE partners (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    regency_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    npsn TEXT,
    vin TEXT,
    state_owned BOOLEAN NOT NULL,
    head_name TEXT,
    head_title TEXT,
    head_nip TEXT,
    named_from DATE NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT partners_pkey PRIMARY KEY (id),
    CONSTRAINT partners_npsn_key UNIQUE (npsn),
    CONSTRAINT partners_vin_key UNIQUE (vin),
    CONSTRAINT partners_kind_check CHECK (kind IN (
        'school_sma', 'school_smk', 'school_ma', 'blk', 'lpk', 'lkp', 'university_unit',
        'agricultural_center', 'polytechnic', 'government_office'))
);

CREATE INDEX partners_province_idx ON partners (province_code, id);
CREATE INDEX partners_regency_idx ON partners (regency_code, id);

-- Names, kinds and heads are dated: a certificate shows those of its day.
CREATE TABLE partner_names (
    partner_id BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    head_name TEXT,
    head_title TEXT,
    head_nip TEXT,
    CONSTRAINT partner_names_pkey PRIMARY KEY (partner_id, valid_from),
    CONSTRAINT partner_names_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id)
);
