-- The life cycle of nodes: its log, where every node stands, and who may move it.

-- Phases of the life cycle that a source's bootstrap events may drive; what other sources say about
-- them is shown and moves nothing.
ALTER TABLE source
  ADD COLUMN authoritative_for text[] NOT NULL DEFAULT '{}',
  ADD COLUMN introduces_nodes boolean NOT NULL DEFAULT false;
UPDATE source SET authoritative_for = '{provisioning,enrollment,operation}', introduces_nodes = true
  WHERE kind IN ('generic', 'standard-webhooks');
UPDATE source SET authoritative_for = '{enrollment,operation,remediation}', introduces_nodes = true
  WHERE kind IN ('spire', 'teleport');
UPDATE source SET authoritative_for = '{enrollment,operation}', introduces_nodes = true
  WHERE kind IN ('step-ca', 'tailscale', 'kubernetes');
UPDATE source SET authoritative_for = '{provisioning,enrollment}', introduces_nodes = true WHERE kind = 'fdo';
UPDATE source SET authoritative_for = '{provisioning,operation,decommission}'
  WHERE kind IN ('cluster-api', 'metal3', 'tinkerbell');

-- What operators want with a node. Neither its life cycle nor its trust status.
ALTER TABLE node ADD COLUMN disposition text NOT NULL DEFAULT 'in_service';

-- Where the fold of a node's life stands. entered_at is null while the node has only been seen.
ALTER TABLE node_state
  ADD COLUMN lifecycle_state text NOT NULL DEFAULT 'discovered',
  ADD COLUMN lifecycle_entered_at timestamptz(3),
  ADD COLUMN lifecycle_at timestamptz(3),
  ADD COLUMN lifecycle_recorded_at timestamptz(3),
  ADD COLUMN lifecycle_standing jsonb;
CREATE INDEX node_state_lifecycle ON node_state (trust_domain_id, lifecycle_state, lifecycle_entered_at);

-- Nodes whose life must be folded again, from the earliest thing that is new about it. Written with the
-- facts, in their transaction.
CREATE TABLE lifecycle_dirty (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  from_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX lifecycle_dirty_due ON lifecycle_dirty (due_at);

-- The log: transitions made and refused. A correction closes superseded_at and adds rows.
CREATE TABLE node_transition (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  record_order text NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  superseded_at timestamptz(3),
  outcome text NOT NULL,
  from_state text NOT NULL,
  entered_at timestamptz(3) NOT NULL,
  to_state text,
  transition_id text,
  rule_id text,
  reason text,
  event_type text NOT NULL,
  cause_kind text NOT NULL,
  cause_id text,
  source_id uuid,
  actor jsonb NOT NULL,
  policy_version text NOT NULL,
  facts jsonb NOT NULL,
  notes text[] NOT NULL,
  standing jsonb,
  PRIMARY KEY (trust_domain_id, node_id, occurred_at, record_order, recorded_at),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX node_transition_believed ON node_transition (trust_domain_id, node_id, occurred_at)
  WHERE superseded_at IS NULL;
CREATE INDEX node_transition_stage ON node_transition (trust_domain_id, from_state, occurred_at)
  WHERE superseded_at IS NULL AND outcome = 'moved';

-- What people and executors did to a node's life. Append-only; part of what the log is folded from.
CREATE TABLE lifecycle_trigger (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  actor jsonb NOT NULL,
  facts jsonb NOT NULL,
  policy_version text NOT NULL,
  request_id text NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);

INSERT INTO lifecycle_dirty (trust_domain_id, node_id, from_at, due_at)
  SELECT trust_domain_id, id, first_seen_at, created_at FROM node;
