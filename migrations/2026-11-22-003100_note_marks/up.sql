-- What is said beside a mark: few have any of it, so the largest table stays as it is. A note may speak of somebody's
-- health; it is sealed.
CREATE TABLE attendance_notes (
    session_id BIGINT NOT NULL,
    enrollment_id BIGINT NOT NULL,
    minutes_late INTEGER,
    note_sealed TEXT,
    CONSTRAINT attendance_notes_pkey PRIMARY KEY (session_id, enrollment_id),
    CONSTRAINT attendance_notes_mark_fkey FOREIGN KEY (session_id, enrollment_id)
        REFERENCES attendance (session_id, enrollment_id),
    CONSTRAINT attendance_notes_minutes_check CHECK (minutes_late > 0),
    CONSTRAINT attendance_notes_said_check CHECK (minutes_late IS NOT NULL OR note_sealed IS NOT NULL)
);

CREATE INDEX attendance_notes_enrollment_idx ON attendance_notes (enrollment_id);

ALTER TABLE attendance_corrections ADD COLUMN minutes_late INTEGER;
ALTER TABLE attendance_corrections ADD COLUMN note_sealed TEXT;

CREATE INDEX attendance_corrections_note_idx ON attendance_corrections (enrollment_id) WHERE note_sealed IS NOT NULL;
