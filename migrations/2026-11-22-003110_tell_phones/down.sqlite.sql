DROP TRIGGER classes_feed;
DROP TRIGGER enrollments_delete_feed;
DROP TRIGGER enrollments_leave_feed;
DROP TRIGGER enrollments_update_feed;
DROP TRIGGER enrollments_insert_feed;
DROP TRIGGER sessions_delete_feed;
DROP TRIGGER sessions_update_feed;
DROP TRIGGER sessions_insert_feed;
