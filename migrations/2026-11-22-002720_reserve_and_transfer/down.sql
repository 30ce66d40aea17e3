DROP TABLE seat_reservations;
ALTER TABLE enrollment_transitions DROP COLUMN until;
DROP TABLE class_stays;
