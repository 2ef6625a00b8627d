-- Voting on remediation: a vote is for one plan, may be handed on, and somebody may say that they look at it.

-- Whoever approved can still deny; a narrower plan is voted on anew.
ALTER TABLE remediation_vote DROP CONSTRAINT remediation_vote_pkey;
ALTER TABLE remediation_vote ADD PRIMARY KEY (trust_domain_id, request_id, plan_hash, person, decision);
-- One account is one voter, also when its address changed meanwhile.
ALTER TABLE remediation_vote ADD UNIQUE (trust_domain_id, request_id, plan_hash, user_id, decision);
ALTER TABLE remediation_vote ADD CHECK (decision IN ('approve', 'deny'));

ALTER TABLE remediation_request
  -- People whose say does not count, besides the requester: authors of the baselines that a release rests on.
  ADD COLUMN excluded text[] NOT NULL DEFAULT '{}',
  -- Why it is approved and not started yet; NULL = nothing holds it back.
  ADD COLUMN held text,
  -- Who looks at it; NULL = nobody said so.
  ADD COLUMN claimed_by uuid REFERENCES app_user (id),
  ADD COLUMN claimed_at timestamptz(3);

-- Somebody lets another person speak in their place, on one request. Handed on once, not further.
CREATE TABLE remediation_delegation (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  from_user uuid NOT NULL REFERENCES app_user (id),
  to_user uuid NOT NULL REFERENCES app_user (id),
  reason text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, request_id, from_user),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id),
  CHECK (from_user <> to_user)
);

CREATE INDEX remediation_review_open ON remediation_review (trust_domain_id, due_at) WHERE state = 'open';
CREATE INDEX pause_request_live ON pause_request (trust_domain_id, expires_at) WHERE ended_at IS NULL;

SELECT protect_tenant_tables();
