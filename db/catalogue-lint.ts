/** Reads the catalogue of a database and reports what would keep its schema from being distributed by tenant. */
import type { ClientBase, Pool } from "pg";

/** One table, column or constraint that breaks a rule. */
export type Finding = { rule: string; object: string; detail: string };

/** Tables that every shard would hold a copy of, and why they carry no tenant. */
export const REFERENCE_TABLES: Readonly<Record<string, string>> = {
  trust_domain: "is the list of tenants",
  app_user: "a person may act in several trust domains",
  session: "a cookie is shown before anything is known about its owner's domains",
  second_factor: "belongs to a person, who may act in several trust domains",
  recovery_code: "belongs to a person, who may act in several trust domains",
  role_grant: "is looked up by person, over all domains",
  api_key: "a secret is shown before anything is known about its domain",
  schema_migration: "belongs to the database",
  retention: "is a setting of the installation",
  verdict_partition: "lists partitions, which hold the rows of all tenants",
};

/** Tables of every schema but PostgreSQL's own. `$1` = names of the reference tables. */
const TABLES = `
  SELECT c.oid, c.relname AS name, n.nspname AS schema, c.relkind AS kind, c.relispartition AS is_partition,
    c.relname = ANY ($1::text[]) AS is_reference
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%'`;

/** Each query reads `tables` and gives rows `object`, `detail`. */
const RULES: Readonly<Record<string, string>> = {
  "tenant column": `
    SELECT t.name AS object, 'has no column trust_domain_id uuid NOT NULL' AS detail
    FROM tables t
    WHERE NOT t.is_reference AND NOT EXISTS (
      SELECT FROM pg_attribute a
      WHERE a.attrelid = t.oid AND a.attname = 'trust_domain_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull)`,
  "primary key": `
    SELECT t.name AS object, 'has no primary key' AS detail
    FROM tables t
    WHERE NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)`,
  "unique index": `
    SELECT t.name AS object, x.relname || ' does not begin with trust_domain_id' AS detail
    FROM tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indisunique AND NOT t.is_reference
      AND pg_get_indexdef(i.indexrelid, 1, true) <> 'trust_domain_id'`,
  "foreign key": `
    SELECT t.name AS object, k.conname || ' does not pair trust_domain_id with trust_domain_id' AS detail
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
      JOIN tables target ON target.oid = k.confrelid
    WHERE NOT t.is_reference AND NOT target.is_reference AND NOT EXISTS (
      SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.there
      WHERE a.attname = 'trust_domain_id' AND b.attname = 'trust_domain_id')`,
  "row security": `
    SELECT t.name AS object, 'has no policy; end its migration with SELECT protect_tenant_tables();' AS detail
    FROM tables t JOIN pg_class c ON c.oid = t.oid
    WHERE NOT t.is_partition AND (
      NOT t.is_reference OR EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'trust_domain_id' AND NOT a.attisdropped))
      AND NOT (c.relrowsecurity AND EXISTS (
        SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'visible_domains'))`,
  trigger: `
    SELECT t.name AS object, g.tgname AS detail
    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid
    WHERE NOT g.tgisinternal`,
  rule: `
    SELECT c.relname AS object, r.rulename AS detail
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
      AND NOT (r.rulename = '_RETURN' AND pg_relation_is_updatable(c.oid, false) = 0)`,
  "EXCLUDE constraint": `
    SELECT t.name AS object, k.conname AS detail
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
    WHERE k.contype = 'x'`,
  "deferrable constraint": `
    SELECT t.name AS object, k.conname AS detail
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
    WHERE k.condeferrable`,
  "narrow sequence": `
    SELECT c.relname AS object, format_type(s.seqtypid, NULL) || ' runs out; use an id made by the application' AS detail
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE s.seqtypid <> 'bigint'::regtype`,
  "partition levels": `
    SELECT t.name AS object, 'is a partition and partitioned itself' AS detail
    FROM tables t
    WHERE t.kind = 'p' AND t.is_partition`,
  instant: `
    SELECT t.name AS object, a.attname || ' is ' || format_type(a.atttypid, a.atttypmod) AS detail
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type y ON y.oid = a.atttypid
    WHERE coalesce(nullif(y.typelem, 0), y.oid) IN
        ('timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype, 'timetz'::regtype)
      AND format_type(a.atttypid, a.atttypmod) NOT IN ('timestamp(3) with time zone', 'timestamp(3) with time zone[]')`,
};

/**
 * What in this database would break when it is distributed by trust domain; empty when nothing would.
 *
 * Partitions are looked at like tables: what holds for the parent holds for them.
 */
export async function catalogueFindings(client: ClientBase | Pool): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [rule, query] of Object.entries(RULES)) {
    const { rows } = await client.query<{ object: string; detail: string }>(
      `WITH tables AS (${TABLES}) ${query} ORDER BY 1, 2`,
      [Object.keys(REFERENCE_TABLES)],
    );
    for (const { object, detail } of rows) findings.push({ rule, object, detail });
  }
  return findings;
}
