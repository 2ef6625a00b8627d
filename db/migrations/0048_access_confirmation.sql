-- Roles that let people approve, execute or administer are confirmed by somebody else again and again (ADR 41), and what
-- was taken away still counts for the time when it was held.

-- Whether the person who holds the role gave it, by this or another account of theirs.
ALTER TABLE role_grant ADD COLUMN own_gift boolean NOT NULL DEFAULT false;

-- Grants that are over, with when each was. One that ran out stays in role_grant until it is taken away or given again.
CREATE TABLE role_grant_past (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  user_id uuid NOT NULL REFERENCES app_user (id),
  role text NOT NULL,
  origin text NOT NULL,
  own_gift boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, user_id, role, created_at, ended_at),
  CHECK (ended_at > created_at)
);

-- Somebody looked at a grant and says that it is still needed.
CREATE TABLE access_confirmation (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  -- Which grant: of whom, and given when. One that is given anew is another grant.
  user_id uuid NOT NULL REFERENCES app_user (id),
  role text NOT NULL,
  given_at timestamptz(3) NOT NULL,
  confirmed_by uuid NOT NULL REFERENCES app_user (id),
  at timestamptz(3) NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  CHECK (confirmed_by <> user_id)
);
CREATE INDEX access_confirmation_of ON access_confirmation (trust_domain_id, user_id, role, given_at, at DESC);

SELECT protect_tenant_tables();
-- Both are written once, and nobody who serves requests takes anything back.
REVOKE UPDATE, DELETE ON role_grant_past, access_confirmation FROM touchstone_app;
