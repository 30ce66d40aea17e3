DROP INDEX attendance_corrections_note_idx;
ALTER TABLE attendance_corrections DROP COLUMN note_sealed;
ALTER TABLE attendance_corrections DROP COLUMN minutes_late;
DROP TABLE attendance_notes;
