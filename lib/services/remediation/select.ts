/** Which nodes a request is about: found once, and frozen. */
import type { Conn } from "#db/client";
import { nodeListPage } from "#db/queries/node-list";
import { type PlanNodeRow, planNodes } from "#db/queries/remediation-facts";
import type { TargetSelection } from "#lib/contracts/remediation";
import { parseNodeQuery } from "#lib/domain/node-query";
import { ProblemError } from "#lib/domain/problems";

/**
 * @returns the nodes by name, and the one trust domain that they all belong to
 * @throws {ProblemError} `node/not-found`; `request/invalid` for a query that cannot be read or nodes of
 *   several domains; `remediation/selection-moved` when other nodes match than were counted
 */
export async function chosenNodes(
  conn: Conn,
  scope: readonly string[],
  selection: TargetSelection,
  now: Date,
): Promise<{ trustDomainId: string; nodes: PlanNodeRow[] }> {
  const ids =
    "nodeIds" in selection ? [...new Set(selection.nodeIds)] : await matchingIds(conn, scope, selection, now);
  const nodes = await planNodes(conn, scope, ids, null);
  const known = new Set(nodes.map(({ nodeId }) => nodeId));
  const missing = ids.find((id) => !known.has(id));
  const [first] = nodes;
  if (missing !== undefined || !first) throw new ProblemError("node/not-found", `No node ${missing ?? ""}.`);
  const { trustDomainId } = first;
  if (nodes.some((node) => node.trustDomainId !== trustDomainId)) {
    throw refused("Ask for nodes of one trust domain at a time.", "#/targets");
  }
  return { trustDomainId, nodes };
}

async function matchingIds(
  conn: Conn,
  scope: readonly string[],
  { query: text, expected }: Extract<TargetSelection, { query: string }>,
  now: Date,
): Promise<string[]> {
  const parsed = parseNodeQuery(text);
  if (!parsed.ok) throw refused(parsed.detail, "#/targets/query");
  const { items, next } = await nodeListPage(conn, scope, {
    query: parsed.query,
    ...{ asOf: null, knownAt: null, now, sort: "name", after: null, limit: expected },
  });
  if (next !== null || items.length !== expected) {
    const found = next === null ? String(items.length) : `more than ${expected}`;
    throw new ProblemError(
      "remediation/selection-moved",
      `You saw ${expected} nodes; now ${found} match. Look again.`,
    );
  }
  return items.map(({ id }) => id);
}

const refused = (detail: string, pointer: string) =>
  new ProblemError("request/invalid", detail, { pointers: [{ pointer, detail }] });
