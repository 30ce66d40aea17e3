DROP TABLE enrollment_counts;
DROP TABLE enrollment_transitions;
DROP TABLE enrollments;
