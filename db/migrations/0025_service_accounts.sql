-- Service accounts: principals that are no people, their roles, their keys, the workload tokens that they sign in
-- with, and the answers that are kept for a repeated request (ADR 26).

-- It lives in one trust domain, which says who manages it. Its owner answers for it.
CREATE TABLE service_account (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  name text NOT NULL,
  owner_id uuid NOT NULL REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  disabled_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name)
);

-- A role in the account's own domain or in one below it, and everything below that.
CREATE TABLE service_grant (
  trust_domain_id uuid NOT NULL,
  service_account_id uuid NOT NULL,
  granted_in uuid NOT NULL REFERENCES trust_domain (id),
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, service_account_id, granted_in, role),
  FOREIGN KEY (trust_domain_id, service_account_id) REFERENCES service_account (trust_domain_id, id)
);

-- Whose tokens count as the account: one issuer, and one subject, or claims that all have to be there.
CREATE TABLE workload_trust (
  trust_domain_id uuid NOT NULL,
  service_account_id uuid NOT NULL,
  id uuid NOT NULL,
  issuer text NOT NULL,
  subject text,
  claims jsonb NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3),
  removed_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, service_account_id, id),
  FOREIGN KEY (trust_domain_id, service_account_id) REFERENCES service_account (trust_domain_id, id),
  CHECK (subject IS NOT NULL OR claims <> '{}'::jsonb)
);

-- A key belongs to a source or to a service account, never to both. `replaced_by` = the key that took its place.
ALTER TABLE api_key
  ALTER COLUMN source_id DROP NOT NULL,
  ADD COLUMN service_account_id uuid,
  ADD COLUMN replaced_by uuid,
  ADD CHECK ((source_id IS NULL) <> (service_account_id IS NULL));
CREATE INDEX api_key_account ON api_key (trust_domain_id, service_account_id) WHERE service_account_id IS NOT NULL;

-- What was answered to a change that named a key of its own, in the transaction of that change.
CREATE TABLE idempotency_record (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  principal text NOT NULL,
  key_sha256 bytea NOT NULL,
  request_sha256 bytea NOT NULL,
  status integer NOT NULL,
  answer jsonb,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, principal, key_sha256)
);
CREATE INDEX idempotency_record_age ON idempotency_record (created_at);

SELECT protect_tenant_tables();
