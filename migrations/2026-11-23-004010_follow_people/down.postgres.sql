DROP TRIGGER participants_name_feed ON participants;
DROP FUNCTION vokasi_person_renamed();
