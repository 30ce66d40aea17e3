-- Phones that keep a class are told when one of its people is called otherwise, or is erased.
CREATE FUNCTION vokasi_person_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs record;
BEGIN
    FOR theirs IN
        SELECT class_id, id FROM enrollments WHERE participant_id = NEW.id AND class_id IS NOT NULL
        UNION
        SELECT class_stays.class_id, enrollments.id FROM class_stays
            JOIN enrollments ON enrollments.id = class_stays.enrollment_id WHERE participant_id = NEW.id
        ORDER BY class_id
    LOOP
        PERFORM vokasi_changed(theirs.class_id, 'person', theirs.id);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER participants_name_feed AFTER UPDATE OF name ON participants
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION vokasi_person_renamed();
