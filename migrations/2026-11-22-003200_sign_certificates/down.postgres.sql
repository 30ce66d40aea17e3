DROP POLICY credentials_wall ON credentials;
