DROP POLICY attendance_clashes_wall ON attendance_clashes;
DROP POLICY attendance_entries_wall ON attendance_entries;
