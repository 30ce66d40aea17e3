-- Logos, each once by the hash of its pixels. They stay for as long as a certificate may be printed: for good.
CREATE TABLE certificate_logos (
    sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    pixels TEXT NOT NULL,
    CONSTRAINT certificate_logos_pkey PRIMARY KEY (sha256),
    CONSTRAINT certificate_logos_size_check CHECK (width > 0 AND height > 0)
);

-- What the certificates of an issuer look like from now on. An issuer without a row has the usual look.
CREATE TABLE certificate_templates (
    partner_id BIGINT NOT NULL,
    number_pattern TEXT NOT NULL,
    heading TEXT,
    address TEXT,
    contact TEXT,
    accreditation_id TEXT,
    accreditation_en TEXT,
    second_name TEXT,
    second_title TEXT,
    second_nip TEXT,
    back_page TEXT NOT NULL,
    logo_sha256 TEXT,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    updated_by BIGINT NOT NULL,
    CONSTRAINT certificate_templates_pkey PRIMARY KEY (partner_id),
    CONSTRAINT certificate_templates_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT certificate_templates_logo_fkey FOREIGN KEY (logo_sha256) REFERENCES certificate_logos (sha256),
    CONSTRAINT certificate_templates_back_check CHECK (back_page IN ('modules_and_scores', 'modules', 'none')),
    CONSTRAINT certificate_templates_second_check CHECK ((second_name IS NULL) = (second_title IS NULL))
);
