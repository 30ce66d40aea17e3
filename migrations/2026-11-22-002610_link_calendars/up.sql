-- Links under which a timetable is read without signing in: of a class, or of an instructor. The secret in the link is
-- stored as a hash; another link takes the place of the first.
CREATE TABLE calendar_links (
    id BIGINT NOT NULL,
    class_id BIGINT,
    account_id BIGINT,
    token_hash TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by BIGINT NOT NULL,
    CONSTRAINT calendar_links_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_links_class_fkey FOREIGN KEY (class_id) REFERENCES classes (id),
    CONSTRAINT calendar_links_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT calendar_links_token_key UNIQUE (token_hash),
    CONSTRAINT calendar_links_class_key UNIQUE (class_id),
    CONSTRAINT calendar_links_account_key UNIQUE (account_id),
    CONSTRAINT calendar_links_of_check CHECK ((class_id IS NULL) <> (account_id IS NULL))
);
