-- The drift inbox: changes grouped over nodes, what people decided about them, and incidents.

-- One occurrence of one change. The figures are of now and follow drift_finding.
CREATE TABLE drift_group (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  -- Counts up from 1: what is over never opens again, a new occurrence follows it.
  occurrence integer NOT NULL,
  -- The group that this one follows, and why; NULL = the change is new.
  previous_id uuid,
  link text,
  baseline_id uuid NOT NULL,
  path text NOT NULL,
  kind text NOT NULL,
  layer text NOT NULL,
  expected text[] NOT NULL,
  actual text,
  -- undecided | regressed | accepted | ignored | remediating | resolved
  state text NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  -- When it was so, not when we learnt it.
  first_seen_at timestamptz(3) NOT NULL,
  spread_at timestamptz(3) NOT NULL,
  -- Nodes that show it without anybody's leave, at most at once, and those on which an exception allows it.
  nodes integer NOT NULL,
  peak_nodes integer NOT NULL,
  excepted integer NOT NULL,
  worst text NOT NULL,
  why text NOT NULL,
  score double precision NOT NULL,
  priority double precision NOT NULL,
  assignee uuid REFERENCES app_user (id),
  snoozed_until timestamptz(3),
  snooze_nodes integer,
  snooze_rank smallint,
  -- The last decision that moved its state; NULL = nobody, it came about by itself.
  decided_at timestamptz(3),
  decided_by uuid REFERENCES app_user (id),
  exception_id uuid,
  draft_version integer,
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, fingerprint, occurrence),
  FOREIGN KEY (trust_domain_id, previous_id) REFERENCES drift_group (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, baseline_id) REFERENCES baseline (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, exception_id) REFERENCES drift_exception (trust_domain_id, id)
);
CREATE INDEX drift_group_inbox ON drift_group (trust_domain_id, state, priority DESC, id);
CREATE INDEX drift_group_path ON drift_group (trust_domain_id, baseline_id, path);
CREATE INDEX drift_group_live ON drift_group (trust_domain_id, state) WHERE ended_at IS NULL;

-- How far the groups follow what is recorded about drift.
CREATE TABLE drift_group_cursor (
  trust_domain_id uuid NOT NULL PRIMARY KEY REFERENCES trust_domain (id),
  followed_to timestamptz(3) NOT NULL
);

CREATE TABLE drift_decision (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  group_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  decided_by uuid REFERENCES app_user (id),
  -- record | ignore | remediate | assign | snooze
  kind text NOT NULL,
  reason text NOT NULL,
  -- Scope, expiry, draft, assignee: what belongs to the kind.
  detail jsonb NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, group_id) REFERENCES drift_group (trust_domain_id, id)
);
CREATE INDEX drift_decision_group ON drift_decision (trust_domain_id, group_id, at DESC, id);

CREATE TABLE incident (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  -- Tells incidents of a kind apart that are open at once.
  subject text NOT NULL,
  title text NOT NULL,
  cause text NOT NULL,
  -- open | resolved
  state text NOT NULL,
  -- While it is open, nothing may act on nodes by itself.
  breaker boolean NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  -- When the newest of it happened, and when it was last found to go on.
  last_at timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  nodes integer NOT NULL,
  owner uuid REFERENCES app_user (id),
  resolved_at timestamptz(3),
  resolved_by uuid REFERENCES app_user (id),
  review text,
  PRIMARY KEY (trust_domain_id, id)
);
CREATE UNIQUE INDEX incident_open ON incident (trust_domain_id, kind, subject) WHERE state = 'open';
CREATE INDEX incident_course ON incident (trust_domain_id, opened_at DESC, id);

CREATE TABLE incident_node (
  trust_domain_id uuid NOT NULL,
  incident_id uuid NOT NULL,
  node_id uuid NOT NULL,
  added_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, incident_id, node_id),
  FOREIGN KEY (trust_domain_id, incident_id) REFERENCES incident (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);

CREATE TABLE incident_group (
  trust_domain_id uuid NOT NULL,
  incident_id uuid NOT NULL,
  group_id uuid NOT NULL,
  added_at timestamptz(3) NOT NULL,
  -- NULL = the correlation found it.
  added_by uuid REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, incident_id, group_id),
  FOREIGN KEY (trust_domain_id, incident_id) REFERENCES incident (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, group_id) REFERENCES drift_group (trust_domain_id, id)
);
CREATE INDEX incident_group_group ON incident_group (trust_domain_id, group_id);

-- The course of an incident, append-only.
CREATE TABLE incident_entry (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  incident_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  -- NULL = written by the correlation.
  author uuid REFERENCES app_user (id),
  -- opened | spread | breaker | owner | note | linked | resolved
  kind text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, incident_id) REFERENCES incident (trust_domain_id, id)
);
CREATE INDEX incident_entry_course ON incident_entry (trust_domain_id, incident_id, at, id);
