-- How much may be taken away at a time and by which labels that is counted, and why containment is automatic.

-- The newest version of the domain holds, else that of the nearest domain above it, else the built-in one.
CREATE TABLE remediation_limits (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  version integer NOT NULL,
  content jsonb NOT NULL,
  reason text NOT NULL,
  author uuid REFERENCES app_user (id),
  valid_from timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, version)
);

-- The limits of a domain: its own, else those of the nearest domain above it; no row = the built-in ones. Who sees a
-- domain may read the limits that it is under, also where the domain above is not theirs to see.
CREATE FUNCTION remediation_limits_in_force(domain uuid) RETURNS TABLE (trust_domain_id uuid, content jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
BEGIN ATOMIC
  WITH RECURSIVE line AS (
    SELECT id, parent_id, 0 AS height FROM trust_domain
    WHERE id = domain AND id = ANY (coalesce(visible_trust_domains(), ARRAY[domain]))
    UNION ALL
    SELECT d.id, d.parent_id, line.height + 1 FROM trust_domain d JOIN line ON d.id = line.parent_id
    WHERE line.height < 100
  )
  SELECT l.trust_domain_id, l.content FROM line JOIN remediation_limits l ON l.trust_domain_id = line.id
  ORDER BY line.height, l.version DESC LIMIT 1;
END;

-- Why containment without a person is set as it is; NULL = it was set before reasons were kept here.
ALTER TABLE automatic_containment ADD COLUMN reason text;

SELECT protect_tenant_tables();
