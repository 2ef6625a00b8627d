-- Change requests: actions that need a second person, and the votes on them.

CREATE TABLE change_request (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  summary text NOT NULL,
  payload jsonb NOT NULL,
  reason text NOT NULL,
  plan_hash bytea NOT NULL,
  preview jsonb NOT NULL,
  state text NOT NULL,
  proposed_by uuid NOT NULL REFERENCES app_user (id),
  -- The person behind the account: two accounts of one mailbox are one person.
  proposer text NOT NULL,
  proposed_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  decided_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, id, proposer)
);
CREATE INDEX change_request_recent ON change_request (trust_domain_id, proposed_at DESC, id);
CREATE INDEX change_request_pending ON change_request (trust_domain_id, expires_at) WHERE state = 'pending';

-- Insert only. The proposer stands in the row so that the database itself refuses a vote of the same person.
CREATE TABLE change_request_vote (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  person text NOT NULL,
  proposer text NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id),
  decision text NOT NULL,
  reason text,
  plan_hash bytea NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, request_id, person),
  FOREIGN KEY (trust_domain_id, request_id, proposer) REFERENCES change_request (trust_domain_id, id, proposer),
  CHECK (person <> proposer)
);
