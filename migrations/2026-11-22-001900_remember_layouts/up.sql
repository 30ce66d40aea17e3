-- Which column of a list is which, as a school or a province has said once. Texts of headers and nothing of the rows
-- under them, so it lies outside the wall around people.
CREATE TABLE layouts (
    id BIGINT NOT NULL,
    province_code TEXT NOT NULL,
    school_id BIGINT,
    fingerprint TEXT NOT NULL,
    headers TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    saved_by BIGINT NOT NULL,
    CONSTRAINT layouts_pkey PRIMARY KEY (id),
    CONSTRAINT layouts_school_fkey FOREIGN KEY (school_id) REFERENCES partners (id)
);

CREATE UNIQUE INDEX layouts_school_key ON layouts (school_id, fingerprint) WHERE school_id IS NOT NULL;
CREATE UNIQUE INDEX layouts_province_key ON layouts (province_code, fingerprint) WHERE school_id IS NULL;
CREATE INDEX layouts_province_idx ON layouts (province_code, id);
