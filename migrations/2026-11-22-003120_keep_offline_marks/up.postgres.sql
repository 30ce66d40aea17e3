-- Both are seen with the person.
ALTER TABLE attendance_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_entries_wall ON attendance_entries USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = attendance_entries.enrollment_id)
);

ALTER TABLE attendance_clashes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_clashes_wall ON attendance_clashes USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = attendance_clashes.enrollment_id)
);
