-- Fonts beside the embedded ones, each once by the hash of its file. They stay for as long as a certificate may be printed:
-- for good.
CREATE TABLE certificate_fonts (
    sha256 TEXT NOT NULL,
    file TEXT NOT NULL,
    CONSTRAINT certificate_fonts_pkey PRIMARY KEY (sha256)
);
