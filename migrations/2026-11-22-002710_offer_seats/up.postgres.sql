-- An offer is seen with the person it is made to.
ALTER TABLE seat_offers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seat_offers_wall ON seat_offers USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = seat_offers.enrollment_id)
);
