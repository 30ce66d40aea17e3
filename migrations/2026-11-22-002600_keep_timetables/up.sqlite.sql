-- SQLite takes a constraint away only with its table. The marks that refer to a session find it again before the
-- transaction ends.
PRAGMA defer_foreign_keys = ON;

-- A session ends after its lesson hours, and at midnight at the latest. Where two overlapped, which nothing refused so
-- far, the first ends when the next begins.
CREATE TABLE sessions_kept AS
SELECT sessions.*, MIN(
    sessions.starts_at + sessions.lesson_hours * json_extract(program_versions.curriculum, '$.minutes_per_lesson_hour'),
    1440,
    COALESCE((
        SELECT MIN(later.starts_at) FROM sessions AS later
        WHERE later.held_on = sessions.held_on AND later.starts_at > sessions.starts_at AND later.state <> 'cancelled'
            AND (later.class_id = sessions.class_id OR later.instructor_id = sessions.instructor_id)
    ), 1440)
) AS ends_at, classes.updated_at AS changed_at
FROM sessions
JOIN classes ON classes.id = sessions.class_id
JOIN cohorts ON cohorts.id = classes.cohort_id
JOIN program_versions ON program_versions.id = cohorts.program_version_id;

DROP TABLE sessions;

CREATE TABLE sessions (
    id INTEGER NOT NULL,
    class_id INTEGER NOT NULL,
    instructor_id INTEGER,
    held_on DATE NOT NULL,
    starts_at INTEGER NOT NULL,
    lesson_hours INTEGER NOT NULL,
    module_code TEXT NOT NULL,
    state TEXT NOT NULL,
    cancel_reason TEXT,
    reported_at TIMESTAMP,
    version INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    room TEXT,
    room_id INTEGER,
    by_hand BOOLEAN NOT NULL,
    replaces INTEGER,
    changed_at TIMESTAMP NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT sessions_room_fkey FOREIGN KEY (room_id) REFERENCES rooms (id),
    CONSTRAINT sessions_state_check CHECK (state IN ('planned', 'held', 'cancelled')),
    CONSTRAINT sessions_lesson_hours_check CHECK (lesson_hours > 0),
    CONSTRAINT sessions_ends_at_check CHECK (starts_at >= 0 AND ends_at > starts_at AND ends_at <= 1440),
    CONSTRAINT sessions_room_check CHECK ((room IS NULL) = (room_id IS NULL)),
    CONSTRAINT sessions_cancelled_check CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL))
);

INSERT INTO sessions
SELECT id, class_id, instructor_id, held_on, starts_at, lesson_hours, module_code, state, cancel_reason, reported_at,
    version, ends_at, NULL, NULL, FALSE, NULL, changed_at
FROM sessions_kept;

DROP TABLE sessions_kept;

CREATE INDEX sessions_class_idx ON sessions (class_id, held_on, starts_at);
CREATE INDEX sessions_instructor_idx ON sessions (instructor_id, held_on);
CREATE INDEX sessions_room_idx ON sessions (room_id, held_on);
CREATE UNIQUE INDEX sessions_replaces_key ON sessions (replaces) WHERE cancel_reason IS NULL AND replaces IS NOT NULL;

-- A class, an instructor and a room are in one place at a time. There is one writer, so what a trigger sees is what there
-- is. The words are those by which SQLite names a broken constraint.
CREATE TRIGGER sessions_insert_wall BEFORE INSERT ON sessions WHEN NEW.cancel_reason IS NULL BEGIN
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_class_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE class_id = NEW.class_id AND held_on = NEW.held_on
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_instructor_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE instructor_id = NEW.instructor_id AND held_on = NEW.held_on
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_room_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE room_id = NEW.room_id AND held_on = NEW.held_on
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
END;

CREATE TRIGGER sessions_update_wall
BEFORE UPDATE OF class_id, instructor_id, room_id, held_on, starts_at, ends_at, cancel_reason ON sessions
WHEN NEW.cancel_reason IS NULL BEGIN
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_class_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE class_id = NEW.class_id AND held_on = NEW.held_on AND id <> NEW.id
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_instructor_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE instructor_id = NEW.instructor_id AND held_on = NEW.held_on AND id <> NEW.id
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
    SELECT RAISE(ABORT, 'EXCLUDE constraint failed: sessions_room_excl') WHERE EXISTS (
        SELECT 1 FROM sessions WHERE room_id = NEW.room_id AND held_on = NEW.held_on AND id <> NEW.id
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at AND cancel_reason IS NULL);
END;
