-- Drift: where the evidence of nodes differs from their baselines, what that is, and who allowed what.

-- Stretches in which a lane of a node differed in the same way. Bitemporal like trust_interval: a
-- correction closes recorded_to and adds a row.
CREATE TABLE drift_interval (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  recorded_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  recorded_to timestamptz(3),
  -- NULL = it was compared and nothing differs.
  worst text,
  effect text,
  score double precision NOT NULL,
  -- How many findings of each class.
  findings jsonb NOT NULL,
  reason text NOT NULL,
  -- What it was compared with: id, name and version of each baseline.
  baselines jsonb NOT NULL,
  -- The measurements that were compared.
  measurement_digest bytea NOT NULL,
  setting_version integer NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX drift_interval_believed ON drift_interval (trust_domain_id, node_id, source_id, submod, valid_from)
  WHERE recorded_to IS NULL;

-- Stretches of one difference each, bitemporal too. The fingerprint is SHA-256 over baseline, path, kind
-- and actual value: equal on every node with the same change.
CREATE TABLE drift_finding (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  fingerprint bytea NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  recorded_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  recorded_to timestamptz(3),
  baseline_id uuid NOT NULL,
  baseline_version integer NOT NULL,
  path text NOT NULL,
  -- added | removed | changed
  kind text NOT NULL,
  layer text NOT NULL,
  -- Accepted values; empty for an addition.
  expected text[] NOT NULL,
  -- NULL = the evidence has no such entry.
  actual text,
  class text NOT NULL,
  -- The rule that decided the class, and its words for this difference.
  rule text NOT NULL,
  why text NOT NULL,
  effect text NOT NULL,
  score double precision NOT NULL,
  -- The exception or the maintenance window that decided it.
  exception_id uuid,
  window_id uuid,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod, fingerprint, valid_from, recorded_from),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX drift_finding_believed ON drift_finding (trust_domain_id, node_id, source_id, submod, valid_from)
  WHERE recorded_to IS NULL;
CREATE INDEX drift_finding_fingerprint ON drift_finding (trust_domain_id, fingerprint, node_id)
  WHERE recorded_to IS NULL;
-- Readers that follow what is recorded and what stops being believed.
CREATE INDEX drift_finding_recorded ON drift_finding (trust_domain_id, recorded_from);
CREATE INDEX drift_finding_superseded ON drift_finding (trust_domain_id, recorded_to)
  WHERE recorded_to IS NOT NULL;

-- Nodes to be compared again, from an instant on, and not before another. marks counts up, so that a mark
-- that comes while the node is being compared is not lost.
CREATE TABLE drift_dirty (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  from_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  marks bigint NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX drift_dirty_due ON drift_dirty (due_at);

-- Differences that somebody decided to ignore, for a time.
CREATE TABLE drift_exception (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  -- RE2 pattern of the whole path.
  pattern text NOT NULL,
  -- NULL = whatever baseline.
  baseline_id uuid,
  -- CEL over the node; empty = every node.
  selector text NOT NULL,
  reason text NOT NULL,
  created_by uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL CHECK (expires_at > valid_from),
  -- Ended before it expired.
  ended_at timestamptz(3),
  ended_by uuid REFERENCES app_user (id),
  -- Findings that it decided, and when one was found last.
  matches bigint NOT NULL DEFAULT 0,
  last_match_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, baseline_id) REFERENCES baseline (trust_domain_id, id)
);
CREATE INDEX drift_exception_expiry ON drift_exception (trust_domain_id, expires_at);

-- Times in which changes of some layers of some nodes are expected.
CREATE TABLE maintenance_window (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  selector text NOT NULL,
  layers text[] NOT NULL,
  from_at timestamptz(3) NOT NULL,
  to_at timestamptz(3) NOT NULL CHECK (to_at > from_at),
  reason text NOT NULL,
  author uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  ended_by uuid REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX maintenance_window_course ON maintenance_window (trust_domain_id, from_at DESC, id);

-- Weights and thresholds per layer. A version holds from its instant until the next one; before the first
-- the built-in ones hold.
CREATE TABLE drift_setting (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  version integer NOT NULL,
  content jsonb NOT NULL,
  reason text NOT NULL,
  author uuid REFERENCES app_user (id),
  valid_from timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, version)
);
