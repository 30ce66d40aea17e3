DROP TABLE scores;
DROP TABLE attendance_corrections;
DROP TABLE attendance;
DROP TABLE sessions;
