DROP POLICY class_stays_wall ON class_stays;
