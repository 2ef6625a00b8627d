-- Nodes on which recipes may be drilled for real: marked by a person with a reason, for 30 days at most.

CREATE TABLE sacrificial_mark (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  node_id uuid NOT NULL,
  reason text NOT NULL,
  made_by uuid NOT NULL REFERENCES app_user (id),
  made_at timestamptz(3) NOT NULL,
  -- From then on it does not hold, whether anybody ended it or not.
  expires_at timestamptz(3) NOT NULL,
  -- NULL = nobody ended it.
  ended_at timestamptz(3),
  ended_by uuid REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id),
  CHECK (expires_at > made_at AND expires_at <= made_at + interval '30 days')
);
CREATE UNIQUE INDEX sacrificial_mark_open ON sacrificial_mark (trust_domain_id, node_id) WHERE ended_at IS NULL;

SELECT protect_tenant_tables();
