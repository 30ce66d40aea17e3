DROP INDEX issuer_keys_current_key;
-- Of several keys in force the newest goes on; the others lose their private part as if they had been renewed.
UPDATE issuer_keys SET private_sealed = NULL, retired_at = made_at
WHERE retired_at IS NULL
    AND EXISTS (
        SELECT 1 FROM issuer_keys AS newer
        WHERE newer.issuer_id = issuer_keys.issuer_id AND newer.retired_at IS NULL AND newer.id > issuer_keys.id
    );
CREATE UNIQUE INDEX issuer_keys_current_key ON issuer_keys (issuer_id) WHERE retired_at IS NULL;
ALTER TABLE status_lists DROP COLUMN public_url;
ALTER TABLE issuer_keys DROP COLUMN public_url;
