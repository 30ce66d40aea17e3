DROP TRIGGER participants_name_feed;
