DROP POLICY attendance_notes_wall ON attendance_notes;
