DROP TABLE audit_events;
DROP TABLE idempotency_keys;
DROP TABLE refresh_tokens;
DROP TABLE logins;
DROP TABLE password_links;
DROP TABLE accounts;
