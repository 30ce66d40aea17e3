DROP INDEX enrollments_participant_idx;
ALTER TABLE consents DROP COLUMN replaced_by;
DROP TABLE attendance_tallies;
DROP TABLE incident_people;
DROP TABLE incidents;
DROP TABLE person_requests;
DROP TABLE holds;
