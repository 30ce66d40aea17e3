-- Sealed text does not compress; trying to would cost more than writing it.
ALTER TABLE agreement_files ALTER COLUMN file_sealed SET STORAGE EXTERNAL;

-- The partner's own people, and the offices of its place.
ALTER TABLE agreement_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY agreement_files_wall ON agreement_files USING (
    CASE (SELECT vokasi_reach())
        WHEN 'everything' THEN TRUE
        WHEN 'province' THEN EXISTS (
            SELECT FROM agreements JOIN partners ON partners.id = agreements.partner_id
            WHERE agreements.id = agreement_files.agreement_id AND partners.province_code = (SELECT vokasi_reach_of()))
        WHEN 'regency' THEN EXISTS (
            SELECT FROM agreements JOIN partners ON partners.id = agreements.partner_id
            WHERE agreements.id = agreement_files.agreement_id AND partners.regency_code = (SELECT vokasi_reach_of()))
        WHEN 'school' THEN EXISTS (
            SELECT FROM agreements
            WHERE agreements.id = agreement_files.agreement_id AND agreements.partner_id = (SELECT vokasi_holder()))
        WHEN 'partner' THEN EXISTS (
            SELECT FROM agreements
            WHERE agreements.id = agreement_files.agreement_id AND agreements.partner_id = (SELECT vokasi_holder()))
        ELSE FALSE
    END
);
