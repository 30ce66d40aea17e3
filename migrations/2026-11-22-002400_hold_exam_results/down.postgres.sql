DROP POLICY exam_results_wall ON exam_results;
