-- Keys of sources: shared secrets, sealed, beside public keys; the steps of a rotation with their instants.

ALTER TABLE source_key
  ALTER COLUMN jwk DROP NOT NULL,
  ADD COLUMN sealed_secret bytea,
  ADD COLUMN activated_at timestamptz(3),
  ADD COLUMN accept_until timestamptz(3),
  ADD COLUMN last_used_at timestamptz(3),
  ADD CONSTRAINT source_key_public_or_secret CHECK ((jwk IS NULL) <> (sealed_secret IS NULL));

UPDATE source_key SET activated_at = created_at WHERE state = 'active';
