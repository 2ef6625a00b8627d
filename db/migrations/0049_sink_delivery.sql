-- Whether sinks are told in time, as facts that outlive the feed and the sinks themselves (ADR 42).

-- One row per sink and minute in which its place moved, written in the transaction that moves it. No foreign key to the
-- sink: what it was told stays told, whoever removes it.
CREATE TABLE sink_delivery (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  sink_id uuid NOT NULL,
  minute timestamptz(3) NOT NULL,
  -- Facts that it was told, each once, and those of them that were late.
  facts bigint NOT NULL,
  late bigint NOT NULL,
  -- Facts that were not kept any more when they were due.
  missed bigint NOT NULL,
  -- The furthest place that it had come to. It never goes back: what is told again behind it is not counted again.
  through bigint NOT NULL,
  PRIMARY KEY (trust_domain_id, sink_id, minute)
);

-- When a receiver first refused a fact, and when it took it after all. Dead letters go with their sink; this stays.
CREATE TABLE sink_refusal (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  sink_id uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz(3) NOT NULL,
  -- NULL = it was not.
  replayed_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, sink_id, seq)
);

-- Facts that were noted before are not counted; NULL = since the sink was added. Of what sinks were told until now
-- nothing is on record.
ALTER TABLE sink ADD COLUMN counted_from timestamptz(3);
UPDATE sink SET counted_from = now();

SELECT protect_tenant_tables();
-- Written by the worker alone.
REVOKE INSERT, UPDATE, DELETE ON sink_delivery, sink_refusal FROM touchstone_app;
