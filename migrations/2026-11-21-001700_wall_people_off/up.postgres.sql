-- Row-level security: what a transaction may not see is not there for it, whatever the statement asks.
-- A transaction says how far it reaches in vokasi.reach and of what in vokasi.reach_of; one that says nothing reaches
-- nobody. FORCE, because the program's role owns the tables.
-- Each function is asked once a statement, in a sub-select of its own, and not once a row.
CREATE FUNCTION vokasi_reach() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('vokasi.reach', true), 'nothing')
$$;

CREATE FUNCTION vokasi_reach_of() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT current_setting('vokasi.reach_of', true)
$$;

-- The school, the partner or the instructor.
CREATE FUNCTION vokasi_holder() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN vokasi_reach() IN ('school', 'partner', 'instructor') THEN vokasi_reach_of()::bigint END
$$;

-- Classes that the school or the partner hosts, or that the instructor teaches.
CREATE FUNCTION vokasi_classes() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE vokasi_reach()
        WHEN 'school' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'partner' THEN ARRAY(SELECT id FROM classes WHERE partner_id = (SELECT vokasi_holder()))
        WHEN 'instructor' THEN ARRAY(SELECT id FROM classes WHERE instructor_id = (SELECT vokasi_holder()))
    END
$$;

-- Partners of the regency, which issue certificates.
CREATE FUNCTION vokasi_issuers() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE vokasi_reach()
        WHEN 'regency' THEN ARRAY(SELECT id FROM partners WHERE regency_code = (SELECT vokasi_reach_of()))
    END
$$;

ALTER TABLE enrollments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY enrollments_wall ON enrollments USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'regency' THEN regency_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
            OR class_id = ANY ((SELECT vokasi_classes())::bigint[])
        WHEN 'partner' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        WHEN 'instructor' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        ELSE FALSE
    END
);

-- Who sits in those classes.
CREATE FUNCTION vokasi_people() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT participant_id FROM enrollments WHERE class_id = ANY ((SELECT vokasi_classes())::bigint[]))
$$;

ALTER TABLE participants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY participants_wall ON participants USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'regency' THEN regency_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder()) OR id = ANY ((SELECT vokasi_people())::bigint[])
        WHEN 'partner' THEN id = ANY ((SELECT vokasi_people())::bigint[])
        WHEN 'instructor' THEN id = ANY ((SELECT vokasi_people())::bigint[])
        ELSE FALSE
    END
);

ALTER TABLE certificates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY certificates_wall ON certificates USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'regency' THEN issuer_id = ANY ((SELECT vokasi_issuers())::bigint[])
        WHEN 'school' THEN issuer_id = (SELECT vokasi_holder())
            OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = certificates.enrollment_id)
        WHEN 'partner' THEN issuer_id = (SELECT vokasi_holder())
        WHEN 'instructor' THEN class_id = ANY ((SELECT vokasi_classes())::bigint[])
        ELSE FALSE
    END
);

ALTER TABLE imports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY imports_wall ON imports USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        ELSE FALSE
    END
);

ALTER TABLE person_requests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY person_requests_wall ON person_requests USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'school' THEN school_id = (SELECT vokasi_holder())
        ELSE FALSE
    END
);

ALTER TABLE incidents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY incidents_wall ON incidents USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        ELSE FALSE
    END
);

-- What belongs to a person, or to a person's way through a class, is seen with them. Marks lie outside: they name nobody,
-- whose they are stands in enrollments, and a look at each of a register's rows would make every instructor wait.
ALTER TABLE consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY consents_wall ON consents USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM participants WHERE participants.id = consents.participant_id)
);

ALTER TABLE holds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY holds_wall ON holds USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM participants WHERE participants.id = holds.participant_id)
);

ALTER TABLE incident_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY incident_people_wall ON incident_people USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM incidents WHERE incidents.id = incident_people.incident_id)
);

ALTER TABLE enrollment_transitions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY enrollment_transitions_wall ON enrollment_transitions USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = enrollment_transitions.enrollment_id)
);

ALTER TABLE attendance_corrections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_corrections_wall ON attendance_corrections USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = attendance_corrections.enrollment_id)
);

ALTER TABLE attendance_tallies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_tallies_wall ON attendance_tallies USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = attendance_tallies.enrollment_id)
);

ALTER TABLE scores ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scores_wall ON scores USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = scores.enrollment_id)
);

ALTER TABLE completions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY completions_wall ON completions USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = completions.enrollment_id)
);

-- Everybody adds to the audit; an office reads what happened in its province, and others what concerns their people.
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_events_wall ON audit_events USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'platform' THEN TRUE
        WHEN 'province' THEN province_code = (SELECT vokasi_reach_of())
        WHEN 'nothing' THEN FALSE
        ELSE EXISTS (SELECT FROM participants WHERE participants.id = audit_events.person_id)
    END
) WITH CHECK (TRUE);
