-- A credential is seen with its certificate.
ALTER TABLE credentials ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY credentials_wall ON credentials USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM certificates WHERE certificates.id = credentials.certificate_id)
);
