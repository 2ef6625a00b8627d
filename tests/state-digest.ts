/** What a database believes, as one digest that does not depend on how the evidence arrived. */
import { createHash } from "node:crypto";
import type { Pool } from "pg";

/** Everything derived, named by what the outside world knows: no generated id, no recording time. */
const DERIVED = {
  nodes: `SELECT (SELECT min(kind || ' ' || value) FROM node_identity i WHERE i.node_id = n.id AND i.strong) AS node,
      n.first_seen_at, s.status, s.since, s.reason
    FROM node n JOIN node_state s ON s.node_id = n.id`,
  lanes: `SELECT (SELECT min(kind || ' ' || value) FROM node_identity i WHERE i.node_id = l.node_id AND i.strong) AS node,
      (SELECT name FROM source WHERE source.id = l.source_id) AS source, l.submod, l.state, l.since, l.n, l.first_at, l.last_at,
      encode(l.roll, 'hex') AS roll, l.after_failure, l.reason
    FROM lane l`,
  intervals: `SELECT (SELECT min(kind || ' ' || value) FROM node_identity d WHERE d.node_id = i.node_id AND d.strong) AS node,
      (SELECT name FROM source WHERE source.id = i.source_id) AS source, i.submod, i.valid_from, i.valid_to, i.state, i.reason,
      CASE WHEN i.valid_to IS NOT NULL THEN i.n END AS n, i.first_at, CASE WHEN i.valid_to IS NOT NULL THEN i.last_at END AS last_at,
      CASE WHEN i.valid_to IS NOT NULL THEN encode(i.roll, 'hex') END AS roll, i.after_failure
    FROM trust_interval i WHERE i.recorded_to IS NULL`,
  bootstrap:
    "SELECT external_id, type, outcome, occurred_at, node_id IS NULL AS unattributed FROM bootstrap_event",
  verdicts: "SELECT encode(event_hash, 'hex') AS hash, observed_at FROM verdict",
};

export type State = Record<keyof typeof DERIVED, string[]>;

/** The believed state, one JSON line per row, sorted. */
export async function readState(pool: Pool): Promise<State> {
  const entries = await Promise.all(
    Object.entries(DERIVED).map(async ([name, sql]) => {
      const { rows } = await pool.query(sql);
      return [name, rows.map((row) => JSON.stringify(row)).sort()] as const;
    }),
  );
  return Object.fromEntries(entries) as State;
}

/** SHA-256 over {@link readState}. */
export async function stateDigest(pool: Pool): Promise<string> {
  return createHash("sha256")
    .update(JSON.stringify(await readState(pool)))
    .digest("hex");
}
