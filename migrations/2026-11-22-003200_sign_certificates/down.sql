DROP INDEX certificates_replaced_by_key;
ALTER TABLE certificates DROP COLUMN replaced_by;
DROP TABLE credentials;
DROP TABLE status_lists;
DROP TABLE issuer_keys;
