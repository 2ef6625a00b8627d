import { describe, expect, it } from "vitest";
import type { AuditExportQuery } from "#lib/contracts/audit";
import type { ServiceContext } from "#lib/services/context";
import { useDatabase } from "#tests/pg";
import { useSystem } from "#tests/system-world";
import { auditExport } from "./export.ts";

const { pool } = useDatabase();
const NOW = new Date("2026-03-01T12:00:00Z");

let domain: string;
let ctx: ServiceContext;

useSystem(pool, NOW, (...told) => {
  [domain, ctx] = told;
});

/** Entries of the days before, several in one millisecond. */
async function addEntries(count: number): Promise<void> {
  await pool.query(
    `INSERT INTO audit_entry (trust_domain_id, id, at, actor_kind, actor_id, action, entity, entity_id, outcome, request_id)
     SELECT $1, gen_random_uuid(), $2::timestamptz - (n / 3) * interval '1 minute', 'user', 'ann', 'node.label', 'node', n::text,
       'done', 'r' FROM generate_series(1, $3) n`,
    [domain, NOW, count],
  );
}

const read = async (query: AuditExportQuery): Promise<string> =>
  (await Array.fromAsync(await auditExport(ctx, query))).join("");

const rowsOf = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("the export of the audit log", () => {
  it("holds each entry once and can be gone on with behind any of them", async () => {
    await addEntries(1_203);
    const all = rowsOf(await read({ format: "jsonl", action: "node.label" }));
    expect(new Set(all.map((row) => row.id)).size).toBe(1_203);
    for (const index of [0, 499, 500, 1_201, 1_202]) {
      const cursor = String(all[index]?.cursor);
      expect(rowsOf(await read({ format: "jsonl", action: "node.label", cursor }))).toEqual(
        all.slice(index + 1),
      );
    }
  });

  it("ends each row of a spreadsheet with where to go on", async () => {
    await addEntries(2);
    const [head, first, second] = (await read({ format: "csv", action: "node.label" })).split("\r\n");
    expect(head?.split(",").at(-1)).toBe("cursor");
    const cursor = String(first?.split(",").at(-1));
    expect((await read({ format: "csv", action: "node.label", cursor })).split("\r\n")[1]).toBe(second);
  });

  it("refuses a cursor that is not its own, and puts nothing on the record then", async () => {
    await expect(read({ format: "jsonl", cursor: "x" })).rejects.toMatchObject({ code: "request/invalid" });
    expect((await pool.query("SELECT FROM audit_entry")).rows).toEqual([]);
  });

  it("begins with its own entry", async () => {
    const [own] = rowsOf(await read({ format: "jsonl" }));
    expect(own).toMatchObject({ action: "audit.export", actorId: "test", after: {} });
  });
});
