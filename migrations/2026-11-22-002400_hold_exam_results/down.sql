DROP TABLE exam_results;
