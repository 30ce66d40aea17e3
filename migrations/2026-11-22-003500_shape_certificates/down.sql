DROP TABLE certificate_templates;
DROP TABLE certificate_logos;
