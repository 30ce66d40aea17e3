-- What an import holds of its file, apart from what lists show of it: the needed columns, the plan, and what was written
-- by it. All of it is sealed; none of it is left when its time is over.
CREATE TABLE import_contents (
    import_id BIGINT NOT NULL,
    rows_sealed TEXT NOT NULL,
    plan_sealed TEXT,
    effects_sealed TEXT,
    CONSTRAINT import_contents_pkey PRIMARY KEY (import_id),
    CONSTRAINT import_contents_import_fkey FOREIGN KEY (import_id) REFERENCES imports (id)
);

INSERT INTO import_contents (import_id, rows_sealed, effects_sealed)
SELECT id, rows_sealed, effects_sealed FROM imports WHERE rows_sealed <> '';

ALTER TABLE imports DROP COLUMN rows_sealed;
ALTER TABLE imports DROP COLUMN effects_sealed;

-- How grave a province takes a rule of its imports; what is not here is as the rule itself says.
CREATE TABLE rule_severities (
    province_code TEXT NOT NULL,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    CONSTRAINT rule_severities_pkey PRIMARY KEY (province_code, code),
    CONSTRAINT rule_severities_severity_check CHECK (severity IN ('error', 'warning', 'off'))
);
