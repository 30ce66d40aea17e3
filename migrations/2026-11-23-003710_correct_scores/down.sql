DROP TABLE corrected_scores;
