DROP TABLE certificate_fonts;
