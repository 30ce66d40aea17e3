-- A result is seen with the person whose it is.
ALTER TABLE exam_results ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY exam_results_wall ON exam_results USING (
    (SELECT vokasi_reach()) = 'everything'
    OR EXISTS (SELECT FROM participants WHERE participants.id = exam_results.participant_id)
);
