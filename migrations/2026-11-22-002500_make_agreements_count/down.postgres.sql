DROP POLICY agreement_files_wall ON agreement_files;
