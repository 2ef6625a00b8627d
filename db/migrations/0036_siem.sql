-- What SIEMs are told: facts in one order per trust domain, and the sinks that they go to (ADR 32).

-- Written with the change that it tells of, in the same transaction, so that there is neither one without the other.
CREATE TABLE feed_fact (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  -- Place in the order of the domain, without a gap; NULL = not given yet. Given under the lock of feed_head, to facts
  -- whose transactions have committed: one that commits late gets a late place, and no reader has passed it.
  seq bigint,
  -- trust | lifecycle | drift | incident | audit
  kind text NOT NULL,
  -- NULL = it is about no single node. No foreign key: what was said stays said.
  node_id uuid,
  -- When we came to know it.
  at timestamptz(3) NOT NULL,
  -- Microseconds of the epoch by the database's clock, taken under the locks of the change: who waited for a node's
  -- lock notes later than whoever held it. Orders the facts of one node.
  noted_us bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
  fact jsonb NOT NULL,
  PRIMARY KEY (trust_domain_id, id)
);
CREATE UNIQUE INDEX feed_fact_seq ON feed_fact (trust_domain_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX feed_fact_waiting ON feed_fact (trust_domain_id, noted_us, id) WHERE seq IS NULL;

-- One row per domain: how far the order goes, and how many entries of the audit log are in it. Its lock lets one
-- writer at a time give places.
CREATE TABLE feed_head (
  trust_domain_id uuid NOT NULL PRIMARY KEY REFERENCES trust_domain (id),
  last_seq bigint NOT NULL,
  audit_size bigint NOT NULL,
  -- The first place that is still kept.
  kept_from bigint NOT NULL
);

CREATE TABLE sink (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  settings jsonb NOT NULL,
  -- NULL = the kind needs none.
  sealed_secrets bytea,
  ocsf_version text NOT NULL,
  -- Kinds of facts that it gets.
  facts text[] NOT NULL,
  -- NULL = it is on.
  disabled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  created_by uuid REFERENCES app_user (id),
  -- Counts changes by people; a delivery that began under another one moves nothing.
  revision integer NOT NULL,
  -- The last place that was delivered, or passed because it did not concern the sink or was refused for good.
  cursor bigint NOT NULL,
  delivered bigint NOT NULL,
  -- Facts that were not kept any more when they were due.
  missed bigint NOT NULL,
  last_delivered_at timestamptz(3),
  failures integer NOT NULL,
  last_error text,
  last_error_at timestamptz(3),
  -- Not before; NULL = at once.
  due_at timestamptz(3),
  -- Who delivers now, and until when nobody else may.
  claimed_by uuid,
  claimed_until timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name)
);

-- What a receiver refuses for good. Nobody is told twice unless somebody asks for it.
CREATE TABLE sink_dead_letter (
  trust_domain_id uuid NOT NULL,
  sink_id uuid NOT NULL,
  seq bigint NOT NULL,
  fact_id uuid NOT NULL,
  reason text NOT NULL,
  at timestamptz(3) NOT NULL,
  attempts integer NOT NULL,
  -- Somebody asked to send it again; NULL = nobody did, or it was tried and refused again.
  replay_at timestamptz(3),
  replayed_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, sink_id, seq),
  FOREIGN KEY (trust_domain_id, sink_id) REFERENCES sink (trust_domain_id, id) ON DELETE CASCADE,
  FOREIGN KEY (trust_domain_id, fact_id) REFERENCES feed_fact (trust_domain_id, id)
);

SELECT protect_tenant_tables();
-- The order is given by the worker alone.
REVOKE UPDATE, DELETE ON feed_fact FROM touchstone_app;
REVOKE INSERT, UPDATE, DELETE ON feed_head FROM touchstone_app;
