/** The fleet at one instant. */
import { fleetByStatus, fleetOldestEvidence, fleetTroubles } from "#db/queries/fleet";
import { sourceList as sourceRows } from "#db/queries/source";
import { findingList } from "#db/queries/source-finding";
import { validAt } from "#db/queries/time-sql";
import type { FleetSummary, FleetSummaryQuery } from "#lib/contracts/fleet";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { isoOrNull } from "#lib/services/instant";
import { byUrgency, findingView } from "#lib/services/source/finding-view";
import { timePoint } from "#lib/services/time-point";

/** Open findings shown per source at most. */
const OPEN_FINDINGS = 20;

/** All statuses with their count, zero included. */
export function statusCounts(
  rows: readonly { status: string; nodes: number }[],
): Record<TrustStatus, number> {
  const counted = new Map(rows.map(({ status, nodes }) => [status, nodes]));
  return Object.fromEntries(TRUST_STATUSES.map((status) => [status, counted.get(status) ?? 0])) as Record<
    TrustStatus,
    number
  >;
}

/**
 * Figures for the overview; every one of them is about the same instant.
 *
 * @throws {ProblemError} `request/invalid` for an instant of the future
 */
export async function fleetSummary(ctx: ServiceContext, query: FleetSummaryQuery): Promise<FleetSummary> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const at = validAt(point);
  const { knownAt } = point;
  const [rows, troubles, oldest, findings, sources] = await ctx.db.transaction(
    async (tx) =>
      [
        await fleetByStatus(tx, scope, point),
        await fleetTroubles(tx, scope, point),
        await fleetOldestEvidence(tx, scope, point),
        await findingList(tx, scope, { sourceId: null, from: at, to: at, knownAt, limit: OPEN_FINDINGS }),
        await sourceRows(tx, scope),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const counts = statusCounts(rows);
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + pick(row), 0);
  const nodes = sum((row) => row.nodes);
  const nameOf = new Map(sources.map(({ id, name }) => [id, name]));
  return {
    ...used,
    nodes,
    counts,
    trustedRatio: nodes === 0 ? null : counts.trusted / nodes,
    freshNodes: sum((row) => row.fresh),
    oldestEvidenceAt: isoOrNull(oldest),
    unattributedFailures: troubles.unattributed,
    trustedReduced: sum((row) => (row.status === "trusted" ? row.reduced : 0)),
    findings: findings
      .map((finding) => findingView(finding, nameOf.get(finding.sourceId) ?? ""))
      .sort(byUrgency)
      .map(({ id, sourceId, kind, since, sentence, nodes: concerned }) => ({
        id,
        sourceId,
        sourceName: nameOf.get(sourceId) ?? "",
        kind,
        since,
        sentence,
        nodes: concerned,
      })),
    rejectedEvents: troubles.rejected,
    identityAlarms: troubles.identityAlarms,
    enrolmentsWaiting: troubles.enrolmentsWaiting,
    overdueNodes: troubles.overdueNodes,
    neverAttested: sum((row) => row.never),
  };
}
