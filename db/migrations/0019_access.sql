-- Who may do what, where and until when; people of an identity provider; second factors.

-- A person may hold several roles in one domain, each with an end of its own.
ALTER TABLE role_grant
  ADD COLUMN expires_at timestamptz(3),
  -- 'local' = given by a person here; 'oidc' = follows the groups of the identity provider at each sign-in.
  ADD COLUMN origin text NOT NULL DEFAULT 'local',
  DROP CONSTRAINT role_grant_pkey,
  ADD PRIMARY KEY (user_id, trust_domain_id, role);
CREATE INDEX role_grant_domain ON role_grant (trust_domain_id, user_id);

-- Someone of an identity provider is its issuer and subject, never an e-mail: a local account with the
-- same address is somebody else.
ALTER TABLE app_user
  ADD COLUMN issuer text,
  ADD COLUMN subject text,
  ALTER COLUMN password_hash DROP NOT NULL,
  DROP CONSTRAINT app_user_email_key,
  ADD CHECK ((issuer IS NULL) = (subject IS NULL)),
  ADD CHECK ((issuer IS NULL) = (password_hash IS NOT NULL));
CREATE UNIQUE INDEX app_user_email ON app_user (email) WHERE issuer IS NULL;
CREATE UNIQUE INDEX app_user_subject ON app_user (issuer, subject);

-- When the person last proved who they are; a dangerous verb wants it to be fresh.
ALTER TABLE session ADD COLUMN authenticated_at timestamptz(3);
UPDATE session SET authenticated_at = created_at;
ALTER TABLE session ALTER COLUMN authenticated_at SET NOT NULL;

-- Time-based one-time passwords (RFC 6238). `last_step` is the newest time step that was used: none counts twice.
CREATE TABLE second_factor (
  user_id uuid PRIMARY KEY REFERENCES app_user (id),
  secret_sealed bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  confirmed_at timestamptz(3),
  last_step bigint
);

CREATE TABLE recovery_code (
  user_id uuid NOT NULL REFERENCES app_user (id),
  code_sha256 bytea NOT NULL,
  used_at timestamptz(3),
  PRIMARY KEY (user_id, code_sha256)
);

-- Which role the members of a group of the identity provider hold in a domain.
CREATE TABLE group_role (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  group_name text NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, group_name, role)
);
