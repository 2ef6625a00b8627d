-- Which nodes may join and get work: the rules, and a record of whom they turned away.

-- The newest version of the domain holds, else that of the nearest domain above it, else the built-in one.
CREATE TABLE admission_rule (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  version integer NOT NULL,
  content jsonb NOT NULL,
  reason text NOT NULL,
  author uuid REFERENCES app_user (id),
  valid_from timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, version)
);

-- Answers that were no plain yes: the first of its kind in a stretch of time, and how often it was repeated.
CREATE TABLE admission_record (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  -- Begin of the stretch of ten minutes.
  stretch timestamptz(3) NOT NULL,
  -- SHA-256 over who asked, what for, about whom, and what was answered.
  fingerprint bytea NOT NULL,
  -- NULL = no node, or no single one, was meant.
  node_id uuid,
  -- What the asker called the node.
  subject text NOT NULL,
  operation text NOT NULL,
  purpose text NOT NULL,
  decision text NOT NULL,
  reasons text[] NOT NULL,
  asked_by_kind text NOT NULL,
  asked_by text NOT NULL,
  n bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, stretch, fingerprint)
);
CREATE INDEX admission_record_recent ON admission_record (trust_domain_id, last_at);

-- What changed since the last look, and whom people have shut out: asked for every second by those who answer.
CREATE INDEX node_state_changed ON node_state (trust_domain_id, changed_at);
CREATE INDEX node_out_of_service ON node (trust_domain_id, id) WHERE disposition <> 'in_service';

-- The rule of a domain: its own, else that of the nearest domain above it; no row = the built-in one. Who sees a domain
-- may read the rule that it is under, also where the domain above is not theirs to see.
CREATE FUNCTION admission_rule_in_force(domain uuid) RETURNS TABLE (trust_domain_id uuid, content jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
BEGIN ATOMIC
  WITH RECURSIVE line AS (
    SELECT id, parent_id, 0 AS height FROM trust_domain
    WHERE id = domain AND id = ANY (coalesce(visible_trust_domains(), ARRAY[domain]))
    UNION ALL
    SELECT d.id, d.parent_id, line.height + 1 FROM trust_domain d JOIN line ON d.id = line.parent_id
    WHERE line.height < 100
  )
  SELECT r.trust_domain_id, r.content FROM line JOIN admission_rule r ON r.trust_domain_id = line.id
  ORDER BY line.height, r.version DESC LIMIT 1;
END;

SELECT protect_tenant_tables();
