DROP POLICY import_contents_wall ON import_contents;
