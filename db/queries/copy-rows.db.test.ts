import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyIn } from "#db/copy-in";
import { useDatabase } from "#tests/pg";
import { CopyRows } from "./copy-rows.ts";

const { pool } = useDatabase();

const LAST_MS = 253_402_300_799_999;
const row = fc.record({
  id: fc.uuid(),
  on: fc.boolean(),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  at: fc.integer({ min: 0, max: LAST_MS }),
  // The reader of events lets no NUL through.
  text: fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => text.replaceAll("\0", "")),
  none: fc.option(fc.constant("x")),
  texts: fc.array(fc.constantFrom("a", "ü", "", '"', "\\", ",", "{}"), { maxLength: 4 }),
  numbers: fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 8 }),
});

describe("CopyRows", () => {
  it("hands every value over as it was", async () => {
    const client = await pool.connect();
    try {
      await client.query(`CREATE TEMP TABLE t (trust_domain_id uuid, "on" boolean, digest bytea, at timestamptz(3),
        text text, none text, texts text[], numbers smallint[], json jsonb)`);
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
          const copy = new CopyRows();
          for (const { id, on, digest, at, text, none, texts, numbers } of rows) {
            copy.startRow(9);
            copy.uuid(id);
            copy.bool(on);
            copy.bytes(digest);
            copy.instant(at);
            copy.text(text);
            if (none === null) copy.none();
            else copy.text(none);
            copy.texts(texts);
            copy.smallints(numbers);
            copy.jsonb(JSON.stringify({ text, texts }));
          }
          await client.query("TRUNCATE t");
          await copyIn(client, "COPY t FROM STDIN (FORMAT binary)", copy.finish());
          const { rows: stored } = await client.query("SELECT * FROM t");
          expect(stored).toEqual(
            rows.map(({ id, digest, at, text, texts, ...rest }) => ({
              trust_domain_id: id,
              digest: Buffer.from(digest),
              at: new Date(at),
              text,
              texts,
              json: { text, texts },
              ...rest,
            })),
          );
        }),
        { numRuns: 60 },
      );
    } finally {
      client.release();
    }
  });

  it("reports what the server refuses, and leaves the connection usable", async () => {
    const client = await pool.connect();
    try {
      await client.query("CREATE TEMP TABLE u (trust_domain_id uuid PRIMARY KEY)");
      const copy = new CopyRows();
      for (let twice = 0; twice < 2; twice += 1) {
        copy.startRow(1);
        copy.uuid("00000000-0000-4000-8000-000000000001");
      }
      const sending = copyIn(client, "COPY u FROM STDIN (FORMAT binary)", copy.finish());
      await expect(sending).rejects.toMatchObject({ code: "23505" });
      await expect(copyIn(client, "COPY nowhere FROM STDIN", Buffer.alloc(0))).rejects.toMatchObject({
        code: "42P01",
      });
      expect((await client.query("SELECT count(*)::int AS n FROM u")).rows).toEqual([{ n: 0 }]);
    } finally {
      client.release();
    }
  });

  it("reports a connection that breaks under way", async () => {
    const holder = await pool.connect();
    const client = await pool.connect();
    client.on("error", () => {});
    try {
      await holder.query("CREATE TABLE held (a int)");
      await holder.query("BEGIN; LOCK TABLE held");
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
      const sending = copyIn(client, "COPY held FROM STDIN", Buffer.from("1\n"));
      const broken = expect(sending).rejects.toMatchObject({ code: "57P01" });
      await holder.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
      await broken;
      await expect(copyIn(client, "COPY held FROM STDIN", Buffer.from("1\n"))).rejects.toThrow();
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
      client.release(true);
    }
  });
});
