-- Remediation: requests, what people said to them, and what was done.

CREATE TABLE remediation_request (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  action text NOT NULL,
  recipe text NOT NULL,
  recipe_version integer NOT NULL,
  params jsonb NOT NULL,
  reason text NOT NULL,
  -- Reference to a ticket elsewhere; NULL = none.
  ticket text,
  -- person | policy | break_glass | drill
  origin text NOT NULL,
  state text NOT NULL,
  -- Counts state changes; a change names the one that it saw.
  revision integer NOT NULL,
  -- NULL = a policy asked.
  requested_by uuid REFERENCES app_user (id),
  requester text NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  -- Everything that was agreed on, and SHA-256 over it: what votes are bound to.
  plan jsonb NOT NULL,
  plan_hash bytea NOT NULL,
  -- Rules that must be met, as they were when it was asked for.
  rules jsonb NOT NULL,
  -- Checks of the plan as they were when it was asked for; shown, and done again at the start.
  checks jsonb NOT NULL,
  start_at timestamptz(3),
  expires_at timestamptz(3) NOT NULL,
  approved_at timestamptz(3),
  ended_at timestamptz(3),
  -- Why it ended as it did, for people; NULL = it goes on or succeeded.
  outcome text,
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, id, requester)
);
CREATE INDEX remediation_request_recent ON remediation_request (trust_domain_id, requested_at DESC, id);
CREATE INDEX remediation_request_open ON remediation_request (trust_domain_id, state, expires_at)
  WHERE ended_at IS NULL;

CREATE TABLE remediation_target (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  node_id uuid NOT NULL,
  -- The provisioning that was open; NULL = none was known.
  incarnation_id uuid,
  display_name text NOT NULL,
  PRIMARY KEY (trust_domain_id, request_id, node_id),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX remediation_target_node ON remediation_target (trust_domain_id, node_id, request_id);

-- Insert only. The requester stands in the row so that the database itself refuses a vote of the same person.
CREATE TABLE remediation_vote (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  person text NOT NULL,
  requester text NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id),
  decision text NOT NULL,
  reason text NOT NULL,
  plan_hash bytea NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, request_id, person),
  FOREIGN KEY (trust_domain_id, request_id, requester)
    REFERENCES remediation_request (trust_domain_id, id, requester),
  CHECK (person <> requester)
);

-- What somebody did at once is looked at by others afterwards.
CREATE TABLE remediation_review (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  due_at timestamptz(3) NOT NULL,
  -- open | ratified | disputed
  state text NOT NULL,
  reviewed_by uuid REFERENCES app_user (id),
  reviewed_at timestamptz(3),
  note text,
  PRIMARY KEY (trust_domain_id, request_id),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id)
);

-- The key makes a second execution of one request impossible.
CREATE TABLE execution (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  state text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  -- Who works on it, and until when nobody else may; NULL = nobody.
  claimed_by text,
  claimed_until timestamptz(3),
  ended_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, request_id),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id)
);
CREATE INDEX execution_open ON execution (trust_domain_id, claimed_until) WHERE ended_at IS NULL;

CREATE TABLE execution_step (
  trust_domain_id uuid NOT NULL,
  request_id uuid NOT NULL,
  node_id uuid NOT NULL,
  ordinal integer NOT NULL,
  -- NULL = a step of our own: evidence snapshot, waiting for a verdict.
  connector_id uuid,
  connector_kind text NOT NULL,
  verb text NOT NULL,
  mandatory boolean NOT NULL,
  -- pending | running | done | failed | unknown | skipped | rolled_back
  state text NOT NULL,
  idempotency_key text NOT NULL,
  attempts integer NOT NULL,
  -- Not before; NULL = at once.
  due_at timestamptz(3),
  started_at timestamptz(3),
  ended_at timestamptz(3),
  -- What was read back from the target.
  observed jsonb,
  problem text,
  PRIMARY KEY (trust_domain_id, request_id, node_id, ordinal),
  UNIQUE (trust_domain_id, idempotency_key),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES execution (trust_domain_id, request_id)
);

-- Somebody holds back everything automatic, or everything, for a while and says why.
CREATE TABLE pause_request (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  -- automatic | all
  scope text NOT NULL,
  reason text NOT NULL,
  -- NULL = the product itself, for example in a storm.
  made_by uuid REFERENCES app_user (id),
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);

-- Which groups of approvers a person belongs to. A group without anybody is every approver.
CREATE TABLE approver_group_member (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  group_name text NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id),
  added_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, group_name, user_id)
);

SELECT protect_tenant_tables();
