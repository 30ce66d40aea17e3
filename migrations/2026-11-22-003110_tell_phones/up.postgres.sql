-- Whoever changes something of a class says so here, whichever statement it was. In PL/pgSQL, because a connection keeps
-- the plans of its statements: a function in SQL is planned anew at each register.
CREATE FUNCTION vokasi_changed(class bigint, what text, subject bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counted bigint;
BEGIN
    INSERT INTO class_feeds AS feed (class_id, number) VALUES (class, 1)
    ON CONFLICT (class_id) DO UPDATE SET number = feed.number + 1
    RETURNING feed.number INTO counted;
    INSERT INTO class_changes (class_id, kind, subject_id, number) VALUES (class, what, subject, counted)
    ON CONFLICT (class_id, kind, subject_id) DO UPDATE SET number = excluded.number;
END
$$;

CREATE FUNCTION vokasi_session_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vokasi_changed(
        CASE WHEN TG_OP = 'DELETE' THEN OLD.class_id ELSE NEW.class_id END,
        'session',
        CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END
$$;

CREATE TRIGGER sessions_feed AFTER INSERT OR UPDATE OR DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION vokasi_session_changed();

CREATE FUNCTION vokasi_person_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vokasi_changed(NEW.class_id, 'person', NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION vokasi_person_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vokasi_changed(OLD.class_id, 'person', OLD.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER enrollments_insert_feed AFTER INSERT ON enrollments
    FOR EACH ROW WHEN (NEW.class_id IS NOT NULL) EXECUTE FUNCTION vokasi_person_came();

CREATE TRIGGER enrollments_update_feed AFTER UPDATE ON enrollments
    FOR EACH ROW WHEN (NEW.class_id IS NOT NULL AND (
        OLD.class_id IS DISTINCT FROM NEW.class_id OR OLD.state <> NEW.state
        OR OLD.seated_on IS DISTINCT FROM NEW.seated_on OR OLD.left_on IS DISTINCT FROM NEW.left_on))
    EXECUTE FUNCTION vokasi_person_came();

CREATE TRIGGER enrollments_leave_feed AFTER UPDATE ON enrollments
    FOR EACH ROW WHEN (OLD.class_id IS NOT NULL AND OLD.class_id IS DISTINCT FROM NEW.class_id)
    EXECUTE FUNCTION vokasi_person_went();

CREATE TRIGGER enrollments_delete_feed AFTER DELETE ON enrollments
    FOR EACH ROW WHEN (OLD.class_id IS NOT NULL) EXECUTE FUNCTION vokasi_person_went();

CREATE FUNCTION vokasi_class_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vokasi_changed(NEW.id, 'class', NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER classes_feed AFTER UPDATE ON classes
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.name <> NEW.name
        OR OLD.instructor_id IS DISTINCT FROM NEW.instructor_id)
    EXECUTE FUNCTION vokasi_class_changed();
