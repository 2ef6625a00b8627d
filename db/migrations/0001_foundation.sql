-- Foundation: trust domains, sources, nodes, verdicts, bitemporal trust intervals, bootstrap events,
-- rejected events, rollups, people, sessions, API keys and audit entries.
--
-- Portable to a distributed engine: tenant tables lead every primary key, unique index and foreign
-- key with trust_domain_id; no triggers, rules, exclusion constraints, sub-partitions or integer
-- sequences; ids are made by the application.

CREATE TABLE trust_domain (
  id uuid PRIMARY KEY,
  parent_id uuid REFERENCES trust_domain (id),
  name text NOT NULL UNIQUE,
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE app_user (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  password_hash text NOT NULL,
  must_change_password boolean NOT NULL,
  failed_sign_ins integer NOT NULL DEFAULT 0,
  locked_until timestamptz(3),
  disabled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE role_grant (
  user_id uuid NOT NULL REFERENCES app_user (id),
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, trust_domain_id)
);

CREATE TABLE session (
  id_sha256 bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  address text,
  user_agent text
);
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE source (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  node_id_pointer text,
  accept_past_ms bigint NOT NULL,
  accept_future_ms bigint NOT NULL,
  stale_after_ms bigint,
  backfill_until timestamptz(3),
  disabled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name)
);

CREATE TABLE source_key (
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  kid text NOT NULL,
  alg text NOT NULL,
  jwk jsonb NOT NULL,
  state text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  distrusted_since timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, source_id, kid),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);

-- A global look-up table: a caller shows the secret before anything is known about its domain. It has
-- no foreign key to its source, because a distributed engine allows none from a global table to a tenant's.
CREATE TABLE api_key (
  id uuid PRIMARY KEY,
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  prefix text NOT NULL,
  secret_sha256 bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);

CREATE TABLE node (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  display_name text NOT NULL,
  first_seen_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX node_name ON node (trust_domain_id, display_name, id);

CREATE TABLE node_identity (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  kind text NOT NULL,
  value text NOT NULL,
  strong boolean NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  PRIMARY KEY (trust_domain_id, node_id, kind, value, valid_from),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
-- One living node per strong identity; weak ones may repeat.
CREATE UNIQUE INDEX node_identity_strong ON node_identity (trust_domain_id, kind, value)
  WHERE strong AND valid_to IS NULL;
CREATE INDEX node_identity_value ON node_identity (trust_domain_id, value);

-- Written only when the status changes, so that the status index costs nothing per verdict.
CREATE TABLE node_state (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  status text NOT NULL,
  since timestamptz(3) NOT NULL,
  reason text NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
) WITH (fillfactor = 70);
CREATE INDEX node_state_status ON node_state (trust_domain_id, status, since);

-- The hot row: one per line of evidence. No index but the key, nothing that changes is indexed.
CREATE TABLE lane (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  state text NOT NULL,
  evidence_key bytea NOT NULL,
  since timestamptz(3) NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  opening_hash bytea,
  n bigint NOT NULL,
  roll bytea NOT NULL,
  after_failure boolean NOT NULL,
  statement jsonb NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
) WITH (fillfactor = 70);

CREATE TABLE measurement_set (
  trust_domain_id uuid NOT NULL,
  digest bytea NOT NULL,
  items jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, digest)
);

-- Append-only. event_hash covers the received bytes and the submodule: the key is the dedupe rule.
CREATE TABLE verdict (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  observed_at timestamptz(3) NOT NULL,
  event_hash bytea NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  state text NOT NULL,
  evidence_key bytea NOT NULL,
  outcome text NOT NULL,
  tier text NOT NULL,
  vector smallint[] NOT NULL,
  vector_origin text NOT NULL,
  mapping_version text,
  status_mismatch boolean NOT NULL,
  coverage text[] NOT NULL,
  measurement_digest bytea,
  reasons jsonb NOT NULL,
  policy_ids text[] NOT NULL,
  verifier_id text,
  verifier_build text,
  freshness text NOT NULL,
  kid text,
  alg text,
  backfill boolean NOT NULL,
  raw_sha256 bytea NOT NULL,
  raw_media_type text NOT NULL,
  raw bytea,
  PRIMARY KEY (trust_domain_id, node_id, observed_at, event_hash),
  -- The same bytes can never count for a second node.
  UNIQUE (trust_domain_id, source_id, observed_at, event_hash)
) PARTITION BY RANGE (observed_at);

-- Bitemporal run-length history. source_id is the nil UUID for the node's own (fused) line.
-- A correction closes recorded_to and adds a row; nothing that was recorded changes its meaning.
CREATE TABLE trust_interval (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  recorded_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  recorded_to timestamptz(3),
  state text NOT NULL,
  reason text NOT NULL,
  evidence_key bytea NOT NULL,
  outcome text,
  tier text,
  vector smallint[],
  measurement_digest bytea,
  policy_version text,
  baseline_version text,
  kid text,
  event_hash bytea,
  n bigint NOT NULL,
  first_at timestamptz(3),
  last_at timestamptz(3),
  roll bytea,
  after_failure boolean NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX trust_interval_current ON trust_interval (trust_domain_id, node_id, source_id, submod, valid_from)
  WHERE recorded_to IS NULL;
CREATE INDEX trust_interval_fleet ON trust_interval (trust_domain_id, valid_from, valid_to, state)
  WHERE recorded_to IS NULL AND source_id = '00000000-0000-0000-0000-000000000000';

CREATE TABLE bootstrap_event (
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  external_id text NOT NULL,
  id uuid NOT NULL,
  node_id uuid,
  type text NOT NULL,
  phase text NOT NULL,
  outcome text NOT NULL,
  reason_code text,
  reason_text text,
  occurred_at timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  identities jsonb NOT NULL,
  actor jsonb NOT NULL,
  method text,
  request_id text,
  redactions text[] NOT NULL,
  kid text,
  raw_sha256 bytea NOT NULL,
  raw_media_type text NOT NULL,
  raw bytea,
  PRIMARY KEY (trust_domain_id, source_id, external_id),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);
CREATE INDEX bootstrap_event_node ON bootstrap_event (trust_domain_id, node_id, occurred_at DESC, id);
CREATE INDEX bootstrap_event_recent ON bootstrap_event (trust_domain_id, occurred_at DESC, id);

-- The same refused bytes count up instead of piling up.
CREATE TABLE rejected_event (
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  raw_sha256 bytea NOT NULL,
  code text NOT NULL,
  id uuid NOT NULL,
  category text NOT NULL,
  detail text NOT NULL,
  subject text,
  n bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  raw_media_type text NOT NULL,
  raw bytea NOT NULL,
  raw_bytes bigint NOT NULL,
  PRIMARY KEY (trust_domain_id, source_id, raw_sha256, code),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);
CREATE INDEX rejected_event_recent ON rejected_event (trust_domain_id, source_id, last_at DESC, id);

CREATE TABLE rollup (
  trust_domain_id uuid NOT NULL,
  source_id uuid NOT NULL,
  bucket timestamptz(3) NOT NULL,
  accepted bigint NOT NULL,
  duplicate bigint NOT NULL,
  rejected bigint NOT NULL,
  affirming bigint NOT NULL,
  warning bigint NOT NULL,
  contraindicated bigint NOT NULL,
  no_tier bigint NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, source_id, bucket)
) WITH (fillfactor = 70);

CREATE TABLE audit_entry (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  entity text NOT NULL,
  entity_id text NOT NULL,
  outcome text NOT NULL,
  problem_code text,
  before jsonb,
  after jsonb,
  request_id text NOT NULL,
  address text,
  PRIMARY KEY (trust_domain_id, id)
);

-- Partitions of the verdict log, one per UTC month, made before the first row of a month arrives.
CREATE FUNCTION ensure_verdict_partition(month date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  lower_bound date := date_trunc('month', month)::date;
  name text := 'verdict_' || to_char(lower_bound, 'YYYYMM');
BEGIN
  IF to_regclass(name) IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_verdict_partition'));
    EXECUTE format(
      'CREATE TABLE IF NOT EXISTS %I PARTITION OF verdict FOR VALUES FROM (%L) TO (%L)',
      name, lower_bound::text || ' 00:00:00+00', (lower_bound + interval '1 month')::date::text || ' 00:00:00+00');
  END IF;
END $$;
