ALTER TABLE corrected_scores ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY corrected_scores_wall ON corrected_scores USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = corrected_scores.enrollment_id)
);
