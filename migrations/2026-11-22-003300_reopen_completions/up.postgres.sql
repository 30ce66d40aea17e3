ALTER TABLE reopened_completions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reopened_completions_wall ON reopened_completions USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM enrollments WHERE enrollments.id = reopened_completions.enrollment_id)
);
