-- Freshness: what cadence a source was observed to have, the silence limits that follow from it, what is
-- wrong with a source over time, and where a verifier checks less of a node than it did before.

-- stale_after_ms stays the limit in force now. A learnt limit has had others before: parallel arrays of
-- epoch milliseconds, ascending from 0. NULL arrays = stale_after_ms has always held.
ALTER TABLE source
  ADD COLUMN limit_mode text NOT NULL DEFAULT 'fixed',
  ADD COLUMN limit_factor double precision NOT NULL DEFAULT 2,
  ADD COLUMN limit_floor_ms bigint NOT NULL DEFAULT 60000,
  ADD COLUMN limit_cap_ms bigint NOT NULL DEFAULT 172800000,
  ADD COLUMN limit_initial_ms bigint,
  ADD COLUMN limit_from_ms bigint[],
  ADD COLUMN limit_ms bigint[],
  ADD COLUMN cadence_from_ms bigint[],
  ADD COLUMN cadence_ms bigint[];

-- How far the reconcilers have come with a source; lost rows are made again from the log.
CREATE TABLE source_watch (
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  learnt_to timestamptz(3),
  learnt_import timestamptz(3),
  watched_to timestamptz(3),
  refold_from timestamptz(3),
  refold_after uuid,
  skew_p50_ms double precision,
  skew_p95_ms double precision,
  skew_samples integer NOT NULL DEFAULT 0,
  coverage_looked_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, source_id),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);

-- Bitemporal like trust_interval: a correction closes recorded_to and adds a row.
CREATE TABLE source_finding (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  source_id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  since timestamptz(3) NOT NULL,
  until timestamptz(3),
  detail jsonb NOT NULL,
  nodes integer NOT NULL,
  first_evidence_at timestamptz(3),
  last_evidence_at timestamptz(3),
  recorded_from timestamptz(3) NOT NULL,
  recorded_to timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);
CREATE UNIQUE INDEX source_finding_believed ON source_finding (trust_domain_id, source_id, kind, subject, since)
  WHERE recorded_to IS NULL;

-- Stretches in which a line of evidence passes although its verifier checks less than it did before.
CREATE TABLE coverage_loss (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  since timestamptz(3) NOT NULL,
  recorded_from timestamptz(3) NOT NULL,
  until timestamptz(3),
  recorded_to timestamptz(3),
  lost text[] NOT NULL,
  coverage_before text[] NOT NULL,
  coverage_after text[] NOT NULL,
  policies_before text[] NOT NULL,
  policies_after text[] NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod, since, recorded_from),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX coverage_loss_believed ON coverage_loss (trust_domain_id, source_id, node_id)
  WHERE recorded_to IS NULL;
