/** One group of drift with all that a decision rests on. */

import type { Conn } from "#db/client";
import {
  decisionList,
  type GroupRow,
  groupsByIds,
  type ListedGroup,
  pastDecisions,
} from "#db/queries/drift-group";
import { groupCohort, groupInstants, groupNodes, groupWindows } from "#db/queries/drift-group-nodes";
import { incidentsOfGroup } from "#db/queries/incident";
import type { DriftGroupView } from "#lib/contracts/drift-group";
import { type IncidentKind, outliersOf } from "#lib/domain/correlation";
import type { DriftClass } from "#lib/domain/drift";
import { pastSentence, spreadPerHour, spreadSeries, suggestionOf } from "#lib/domain/drift-group";
import { ProblemError } from "#lib/domain/problems";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { groupRow } from "./view.ts";

const NODES = 200;
const OUTLIERS = 50;
const BUCKETS = 48;
/** The shortest stretch that a spread is drawn over. */
const MIN_SPAN_MS = 3_600_000;

/** @throws {ProblemError} `drift/not-found` */
export async function driftGet(
  ctx: ServiceContext,
  { groupId }: { groupId: string },
): Promise<DriftGroupView> {
  const scope = readScope(ctx, "drift:read");
  const now = ctx.now();
  return ctx.db.transaction(
    async (tx) => {
      const [group] = await groupsByIds(tx, scope, [groupId]);
      if (!group) throw new ProblemError("drift/not-found", `No drift group ${groupId}.`);
      return viewOf(tx, scope, group, now);
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

async function viewOf(
  conn: Conn,
  scope: readonly string[],
  group: ListedGroup,
  now: Date,
): Promise<DriftGroupView> {
  const nodes = await groupNodes(conn, group, NODES);
  const instants = (await groupInstants(conn, group)).map(({ atMs }) => atMs);
  const cohort = group.endedAt ? [] : await groupCohort(conn, group, now);
  const apart = new Set(outliersOf(cohort));
  // Nodes that changed alone stand in the list; here are those that were left out.
  const outliers = cohort.filter(({ nodeId, look }) => apart.has(nodeId) && look === "does not");
  const decisions = await decisionList(conn, scope, group.id);
  const incidents = await incidentsOfGroup(conn, scope, group.id);
  const windows = await groupWindows(conn, group, now);
  return {
    ...groupRow(group, now),
    nodeList: nodes.map(({ firstAt, goneAt, status, ...node }) => ({
      ...node,
      status: status as TrustStatus,
      firstAt: iso(firstAt),
      goneAt: isoOrNull(goneAt),
    })),
    nodesTotal: instants.length,
    spreadPerHour: spreadPerHour(instants, now.getTime()),
    spread: spreadOf(group, instants, now),
    outliers: outliers.slice(0, OUTLIERS).map(({ nodeId, name }) => ({ id: nodeId, name })),
    outliersTotal: outliers.length,
    decisions: decisions.map(({ id, at, email, kind, reason, detail }) => ({
      id,
      at: at.toISOString(),
      by: email,
      kind,
      reason,
      detail,
    })),
    past: await pastOf(conn, group),
    incidents: incidents.map(({ id, kind, title }) => ({ id, kind: kind as IncidentKind, title })),
    windows: windows.map(({ untilMs, ...window }) => ({ ...window, until: iso(untilMs) })),
  };
}

function spreadOf(group: GroupRow, instants: readonly number[], now: Date): DriftGroupView["spread"] {
  const toMs = (group.endedAt ?? now).getTime();
  const fromMs = Math.min(group.firstSeenAt.getTime(), ...instants, toMs - MIN_SPAN_MS);
  return {
    from: iso(fromMs),
    to: iso(toMs),
    nodes: spreadSeries(instants, { fromMs, toMs, buckets: BUCKETS }),
  };
}

async function pastOf(conn: Conn, group: GroupRow): Promise<DriftGroupView["past"]> {
  const rows = await pastDecisions(conn, group);
  const times = (kind: string) => rows.find((row) => row.kind === kind)?.times ?? 0;
  const past = { record: times("record"), ignore: times("ignore"), remediate: times("remediate") };
  return {
    ...past,
    sentence: pastSentence(past),
    suggestion: suggestionOf(past, group.worst as DriftClass),
  };
}
