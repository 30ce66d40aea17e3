DROP TABLE agreement_programs;
DROP TABLE program_versions;
DROP TABLE programs;
DROP TABLE agreements;
