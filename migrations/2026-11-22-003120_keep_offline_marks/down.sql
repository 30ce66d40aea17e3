DROP TABLE attendance_clashes;
DROP TABLE attendance_entries;
