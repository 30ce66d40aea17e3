-- The clock of a register: when it last changed, in microseconds since 1970 in UTC, and always later than before. Whoever
-- says which one was seen, says what was known.
ALTER TABLE sessions ADD COLUMN register_at BIGINT;

-- Each class counts its changes. The row is held until the change is there for everyone, so a number is never seen before
-- a lower one of the same class.
CREATE TABLE class_feeds (
    class_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT class_feeds_pkey PRIMARY KEY (class_id),
    CONSTRAINT class_feeds_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id)
);

-- The last change of each thing of a class: what it is now stands in its own table, if it is still there.
CREATE TABLE class_changes (
    class_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT class_changes_pkey PRIMARY KEY (class_id, kind, subject_id),
    CONSTRAINT class_changes_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT class_changes_kind_check CHECK (kind IN ('class', 'session', 'person'))
);

CREATE INDEX class_changes_number_idx ON class_changes (class_id, number);

-- Sessions that took place and wait for their register.
CREATE INDEX sessions_unreported_idx ON sessions (held_on, starts_at, id) WHERE state = 'planned';
