DROP TABLE rooms;
DROP TABLE calendar_entries;
