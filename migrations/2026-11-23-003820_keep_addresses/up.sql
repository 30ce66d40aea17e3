-- Where the server was when a key and a list were made: what was signed names it for ever. The program writes it to those
-- from before at its next start.
ALTER TABLE issuer_keys ADD COLUMN public_url TEXT;
ALTER TABLE status_lists ADD COLUMN public_url TEXT;

-- One key in force for each address: old lists are signed with a key of the old one.
DROP INDEX issuer_keys_current_key;
CREATE UNIQUE INDEX issuer_keys_current_key ON issuer_keys (issuer_id, public_url) WHERE retired_at IS NULL;
