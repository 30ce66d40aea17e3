DROP TABLE consents;
DROP TABLE participants;
