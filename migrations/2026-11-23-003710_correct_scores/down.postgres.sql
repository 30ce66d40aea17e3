DROP POLICY corrected_scores_wall ON corrected_scores;
