-- Connectors: systems that isolate or rebuild nodes, and what is remembered about them (ADR 27).

-- It acts on the nodes of its trust domain that its selector means, and on no others.
CREATE TABLE connector (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  settings jsonb NOT NULL,
  -- A JSON object of texts, sealed (ADR 7); NULL = it was removed, and its secrets with it.
  sealed_secrets bytea,
  -- CEL over `node`; empty = every node.
  selector text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  secrets_changed_at timestamptz(3) NOT NULL,
  -- NULL = it is used.
  disabled_at timestamptz(3),
  -- Kept after that: executions name it.
  removed_at timestamptz(3),
  -- The last test with these settings; NULL = none since they were changed.
  tested_at timestamptz(3),
  test jsonb,
  PRIMARY KEY (trust_domain_id, id),
  CHECK ((tested_at IS NULL) = (test IS NULL)),
  CHECK ((sealed_secrets IS NULL) = (removed_at IS NOT NULL))
);
CREATE UNIQUE INDEX connector_name ON connector (trust_domain_id, name) WHERE removed_at IS NULL;
-- Reports of other systems name a connector by its id alone.
CREATE INDEX connector_id ON connector (id);

-- What a connector has to know of its own deeds where the other side has no place for it.
CREATE TABLE connector_memory (
  trust_domain_id uuid NOT NULL,
  connector_id uuid NOT NULL,
  name text NOT NULL,
  value jsonb NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, connector_id, name),
  FOREIGN KEY (trust_domain_id, connector_id) REFERENCES connector (trust_domain_id, id)
);

SELECT protect_tenant_tables();
