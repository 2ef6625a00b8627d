-- The second wall between tenants. What people ask for runs as touchstone_app, which owns nothing, cannot bypass
-- row security, and sees the rows of the domains that its transaction names. Ingest, the worker and migrations
-- run as the owner: they make partitions, copy rows in bulk and serve all domains.

DO $$
BEGIN
  CREATE ROLE touchstone_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the cluster, not to this database
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The role touchstone_app is missing and may not be made by %', current_user
      USING HINT = 'Let an administrator run: CREATE ROLE touchstone_app LOGIN NOBYPASSRLS; GRANT touchstone_app TO the role of DATABASE_URL';
END $$;

DO $$
BEGIN
  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'touchstone_app') THEN
    RAISE EXCEPTION 'The role touchstone_app may bypass row security';
  END IF;
  -- So that one address is enough: the owner's connection takes the role from its first moment on.
  IF NOT pg_has_role(current_user, 'touchstone_app', 'SET') THEN
    EXECUTE format('GRANT touchstone_app TO %I', current_user);
  END IF;
END $$;

-- The domains that the transaction may see; NULL, and with it no row, when it named none.
CREATE FUNCTION visible_trust_domains() RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('touchstone.trust_domains', true), '')::uuid[];

-- Put every tenant table behind the wall that is not behind it yet. A migration that adds a table ends with
--   SELECT protect_tenant_tables();
-- Partitions get no policy and no grant: they are reached through their table or not at all.
CREATE FUNCTION protect_tenant_tables() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  tenant regclass;
BEGIN
  FOR tenant IN
    SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'trust_domain_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'visible_domains')
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant);
    EXECUTE format(
      'CREATE POLICY visible_domains ON %s TO touchstone_app '
      'USING (trust_domain_id = ANY ((SELECT visible_trust_domains())::uuid[]))', tenant);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO touchstone_app', tenant);
  END LOOP;
END $$;

SELECT protect_tenant_tables();

-- The record of what was done grows; nobody who serves requests changes or removes an entry.
REVOKE UPDATE, DELETE ON audit_entry, audit_pending FROM touchstone_app;
-- The log that is made of it is written by the worker alone.
REVOKE INSERT, UPDATE, DELETE ON audit_leaf, audit_tile_hash, audit_checkpoint, audit_log FROM touchstone_app;

-- The tree itself: what is visible, and new domains below it.
ALTER TABLE trust_domain ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible_domains ON trust_domain TO touchstone_app
  USING (id = ANY ((SELECT visible_trust_domains())::uuid[]))
  WITH CHECK (parent_id = ANY ((SELECT visible_trust_domains())::uuid[])
    OR id = ANY ((SELECT visible_trust_domains())::uuid[]));
GRANT SELECT, INSERT, UPDATE ON trust_domain TO touchstone_app;

-- People act in several domains: who is asked for stands in the query.
GRANT SELECT, INSERT, UPDATE ON app_user, session TO touchstone_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factor, recovery_code TO touchstone_app;
GRANT SELECT, UPDATE ON retention TO touchstone_app;
GRANT SELECT ON verdict_partition, schema_migration TO touchstone_app;
