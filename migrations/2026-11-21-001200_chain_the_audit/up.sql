ALTER TABLE audit_events ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_events ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_events ADD COLUMN person_id BIGINT;
ALTER TABLE audit_events ADD COLUMN reason TEXT;
ALTER TABLE audit_events ADD COLUMN changes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE audit_events ADD COLUMN mac TEXT NOT NULL DEFAULT '';

CREATE INDEX audit_events_person_idx ON audit_events (person_id, id) WHERE person_id IS NOT NULL;

CREATE TABLE audit_chain (
    sequence BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL,
    CONSTRAINT audit_chain_pkey PRIMARY KEY (sequence)
);

-- The chain does not refer to the events: where one is gone, its entry stays and says so.
CREATE UNIQUE INDEX audit_chain_event_idx ON audit_chain (event_id);
