DROP TABLE class_counts;
DROP TABLE class_slots;
DROP TABLE classes;
DROP TABLE cohorts;
