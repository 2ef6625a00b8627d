import type { PoolClient } from "pg";
import { describe, expect, it } from "vitest";
import { catalogueFindings, REFERENCE_TABLES } from "#db/catalogue-lint";
import { useDatabase } from "#tests/pg";

const { pool } = useDatabase();

/** Run `fn` after some DDL that is never committed. */
async function withDdl<T>(ddl: string, fn: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(ddl);
    return await fn(client);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

const TENANT = "trust_domain_id uuid NOT NULL";

/** DDL by the rule that it breaks, and the object that is named. */
const PLANTS: readonly [rule: string, object: string, ddl: string][] = [
  ["tenant column", "planted", "CREATE TABLE planted (id uuid PRIMARY KEY)"],
  [
    "tenant column",
    "planted",
    "CREATE TABLE planted (trust_domain_id text, id uuid, PRIMARY KEY (trust_domain_id, id))",
  ],
  ["primary key", "planted", `CREATE TABLE planted (${TENANT}, id uuid)`],
  ["unique index", "planted", `CREATE TABLE planted (${TENANT}, id uuid, PRIMARY KEY (id, trust_domain_id))`],
  ["unique index", "node", "CREATE UNIQUE INDEX planted ON node (display_name)"],
  ["unique index", "node", "CREATE UNIQUE INDEX planted ON node ((trust_domain_id::text), id)"],
  [
    "foreign key",
    "planted",
    `ALTER TABLE node ADD COLUMN k uuid, ADD CONSTRAINT k UNIQUE (k);
     CREATE TABLE planted (${TENANT}, k uuid REFERENCES node (k), PRIMARY KEY (trust_domain_id, k))`,
  ],
  [
    "foreign key",
    "planted",
    `CREATE TABLE planted (${TENANT}, id uuid, other uuid, PRIMARY KEY (trust_domain_id, id),
       FOREIGN KEY (other, id) REFERENCES node (trust_domain_id, id))`,
  ],
  [
    "trigger",
    "app_user",
    `CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER planted BEFORE INSERT ON app_user FOR EACH ROW EXECUTE FUNCTION planted()`,
  ],
  ["rule", "node", "CREATE RULE planted AS ON DELETE TO node DO INSTEAD NOTHING"],
  ["rule", "planted", "CREATE VIEW planted AS SELECT * FROM node"],
  [
    "EXCLUDE constraint",
    "planted",
    `CREATE TABLE planted (${TENANT}, span tstzrange, PRIMARY KEY (trust_domain_id, span), EXCLUDE USING gist (span WITH &&))`,
  ],
  [
    "deferrable constraint",
    "planted",
    `CREATE TABLE planted (${TENANT}, id uuid, PRIMARY KEY (trust_domain_id, id) DEFERRABLE)`,
  ],
  ["narrow sequence", "planted_n_seq", "CREATE TABLE planted (n serial)"],
  ["narrow sequence", "planted_n_seq", "CREATE TABLE planted (n smallint GENERATED ALWAYS AS IDENTITY)"],
  [
    "partition levels",
    "planted",
    `CREATE TABLE planted PARTITION OF verdict FOR VALUES FROM ('2001-01-01 00:00:00+00') TO ('2001-02-01 00:00:00+00')
       PARTITION BY RANGE (observed_at)`,
  ],
  ["instant", "node", "ALTER TABLE node ADD COLUMN at timestamp(3)"],
  ["instant", "node", "ALTER TABLE node ADD COLUMN at timestamptz"],
  ["instant", "node", "ALTER TABLE node ADD COLUMN at timestamptz(6)[]"],
];

describe("the catalogue", () => {
  it("holds nothing that could not be distributed by trust domain", async () => {
    expect(await catalogueFindings(pool)).toEqual([]);
  });

  it("still has every table that is excepted", async () => {
    const { rows } = await pool.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(REFERENCE_TABLES)));
  });

  for (const [index, [rule, object, ddl]] of PLANTS.entries()) {
    it(`shows a planted violation of: ${rule} (${index + 1})`, async () => {
      const findings = await withDdl(ddl, catalogueFindings);
      expect(findings).toContainEqual(expect.objectContaining({ rule, object }));
    });
  }

  it("accepts a further month of verdicts and a view that cannot be written", async () => {
    const ddl = `SELECT ensure_verdict_partition('2001-03-01');
      CREATE VIEW planted AS SELECT state, count(*) FROM verdict GROUP BY state`;
    expect(await withDdl(ddl, catalogueFindings)).toEqual([]);
  });
});
