-- A stay is seen with the person, and by those who taught the class.
ALTER TABLE class_stays ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY class_stays_wall ON class_stays USING (
    (SELECT vokasi_reach()) = 'everything'
    OR class_id = ANY ((SELECT vokasi_classes())::bigint[])
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = class_stays.enrollment_id)
);
