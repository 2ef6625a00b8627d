import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { EXPORTS, type ExportName, type ExportQuery } from "#lib/contracts/export";
import type { ServiceContext } from "#lib/services/context";
import { ocsfFaults } from "#tests/ocsf-shape";
import { useDatabase } from "#tests/pg";
import { useSystem } from "#tests/system-world";
import { exportList } from "./stream.ts";

const { pool } = useDatabase();
const NOW = new Date("2026-03-01T12:00:00Z");
const FUSED = "00000000-0000-0000-0000-000000000000";

let domain: string;
let ctx: ServiceContext;

useSystem(pool, NOW, (...told) => {
  [domain, ctx] = told;
});

/** Nodes with two intervals each: trusted for an hour, then failed. */
async function addNodes(count: number, nameOf = (index: number) => `node ${index}`): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const names = ids.map((_, index) => nameOf(index));
  await pool.query(
    `WITH n AS (SELECT * FROM unnest($2::uuid[], $3::text[]) AS v(id, name)), a AS (
       INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at) SELECT $1, id, name, $4, $4 FROM n)
     INSERT INTO node_state (trust_domain_id, node_id, status, since, reason, changed_at)
     SELECT $1, id, 'failed', $4::timestamptz + interval '1 hour', 'r', $4 FROM n`,
    [domain, ids, names, NOW],
  );
  await pool.query(
    `INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to, state,
       reason, evidence_key, n, after_failure)
     SELECT $1, id, $3, '', $4::timestamptz + h * interval '1 hour', $4,
       CASE h WHEN 0 THEN $4::timestamptz + interval '1 hour' END, CASE h WHEN 0 THEN 'trusted' ELSE 'failed' END, 'r', '',
       0, false
     FROM unnest($2::uuid[]) AS v(id), generate_series(0, 1) AS h`,
    [domain, ids, FUSED, NOW],
  );
}

async function read(what: ExportName, query: ExportQuery): Promise<string> {
  return (await Array.fromAsync(await exportList(ctx, what, query, "1.0.0"))).join("");
}
const rowsOf = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("an export", () => {
  it("holds each row once and can be gone on with behind any row", async () => {
    await addNodes(10_203);
    for (const what of ["nodes", "intervals"] as const) {
      const all = rowsOf(await read(what, { format: "jsonl" }));
      expect(all).toHaveLength(what === "nodes" ? 10_203 : 20_406);
      for (const index of [0, 1_999, 2_000, 9_999, 10_000, 10_201]) {
        const rest = rowsOf(await read(what, { format: "jsonl", cursor: String(all[index]?.cursor) }));
        expect(rest).toEqual(all.slice(index + 1));
      }
    }
  });

  it("holds exactly what the filters ask for", async () => {
    await addNodes(3);
    const count = async (what: ExportName, query: Omit<ExportQuery, "format">) =>
      rowsOf(await read(what, { format: "jsonl", ...query })).length;
    expect(await count("nodes", { q: "status:trusted" })).toBe(0);
    expect(await count("nodes", { q: "status:failed" })).toBe(3);
    expect(await count("intervals", { state: "trusted" })).toBe(3);
    expect(await count("intervals", { from: "2026-03-01T13:00:00.000Z" })).toBe(3);
    expect(await count("intervals", { to: "2026-03-01T12:00:00.000Z" })).toBe(0);
  });

  it("exists in every format for everything, empty or not, and goes on the record", async () => {
    for (const what of EXPORTS) {
      expect((await read(what, { format: "csv" })).trimEnd().split("\r\n")).toHaveLength(1);
      expect(await read(what, { format: "jsonl" })).toBe("");
    }
    const { rows } = await pool.query(
      "SELECT entity_id FROM audit_entry WHERE action = 'export.read' ORDER BY at, id",
    );
    expect(new Set(rows.map((row) => row.entity_id))).toEqual(new Set(EXPORTS));
  });

  it("lists nodes as events of the right shape", async () => {
    await addNodes(2);
    const events = rowsOf(await read("nodes", { format: "ocsf" }));
    expect(events.map((event) => ocsfFaults(event))).toEqual([[], []]);
    expect(await codeOf(read("drift", { format: "ocsf" }))).toBe("request/invalid");
  });

  it("refuses cursors and filters that are not its own, and puts nothing on the record then", async () => {
    const bad = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of [
      "x",
      bad({ at: "0000-01-01T00:00:00Z", id: "a" }),
      bad({ sort: "name", sinceMs: 1e300 }),
    ]) {
      expect(await codeOf(read("intervals", { format: "csv", cursor }))).toBe("request/invalid");
      expect(await codeOf(read("nodes", { format: "csv", cursor }))).toBe("request/invalid");
    }
    expect(await codeOf(read("drift", { format: "csv", q: "x" }))).toBe("request/invalid");
    expect(await codeOf(read("nodes", { format: "csv", state: "x" }))).toBe("request/invalid");
    expect((await pool.query("SELECT FROM audit_entry")).rows).toEqual([]);
  });

  it("gives a spreadsheet nothing to calculate, and loses nothing of a name", async () => {
    await addNodes(2, (index) => (index === 0 ? '=cmd|"/c calc"!A0' : 'plain,\r\n"x"'));
    const text = await read("nodes", { format: "csv" });
    expect(text).toContain('"\'=cmd|""/c calc""!A0"');
    expect(text).toContain('"plain,\r\n""x"""');
  });
});
