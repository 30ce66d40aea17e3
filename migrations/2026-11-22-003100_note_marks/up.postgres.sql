-- Marks lie outside the wall, for they name nobody. What is said beside one does: it is seen with the person.
ALTER TABLE attendance_notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_notes_wall ON attendance_notes USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = attendance_notes.enrollment_id)
);
