/** One incident: its course, its nodes and the changes that belong to it. */
import { incidentEntries, incidentFind, incidentGroups, incidentNodes } from "#db/queries/incident";
import type { IncidentView } from "#lib/contracts/incident";
import { ProblemError } from "#lib/domain/problems";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { incidentRow } from "./list.ts";

const NODES = 200;
const GROUPS = 100;

/** @throws {ProblemError} `incident/not-found` */
export async function incidentGet(
  ctx: ServiceContext,
  { incidentId }: { incidentId: string },
): Promise<IncidentView> {
  const scope = readScope(ctx, "fleet:read");
  const row = await incidentFind(ctx.db, scope, incidentId);
  if (!row) throw new ProblemError("incident/not-found", `No incident ${incidentId}.`);
  const [entries, nodes, groups] = await Promise.all([
    incidentEntries(ctx.db, row),
    incidentNodes(ctx.db, row, NODES),
    incidentGroups(ctx.db, row, GROUPS),
  ]);
  return {
    ...incidentRow(row),
    entries: entries.map(({ id, at, email, kind, text }) => ({
      id,
      at: at.toISOString(),
      by: email,
      kind: kind as IncidentView["entries"][number]["kind"],
      text,
    })),
    nodeList: nodes.map(({ id, name, status, addedAt }) => ({
      id,
      name,
      status: status as TrustStatus,
      addedAt: addedAt.toISOString(),
    })),
    groups,
  };
}
