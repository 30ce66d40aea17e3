CREATE OR REPLACE FUNCTION vokasi_session_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vokasi_changed(
        CASE WHEN TG_OP = 'DELETE' THEN OLD.class_id ELSE NEW.class_id END,
        'session',
        CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END
$$;
