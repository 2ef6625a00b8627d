/** The fleet at one instant. */
import { fleetByStatus, fleetOldestEvidence, fleetTroubles } from "#db/queries/fleet";
import type { FleetSummary, FleetSummaryQuery } from "#lib/contracts/fleet";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

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
  const [rows, troubles, oldest] = await ctx.db.transaction(
    async (tx) =>
      [
        await fleetByStatus(tx, scope, point),
        await fleetTroubles(tx, scope, point),
        await fleetOldestEvidence(tx, scope, point),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const counts = statusCounts(rows);
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + pick(row), 0);
  const nodes = sum((row) => row.nodes);
  return {
    ...used,
    nodes,
    counts,
    trustedRatio: nodes === 0 ? null : counts.trusted / nodes,
    freshNodes: sum((row) => row.fresh),
    oldestEvidenceAt: isoOrNull(oldest),
    unattributedFailures: troubles.unattributed,
    rejectedEvents: troubles.rejected,
    neverAttested: sum((row) => row.never),
  };
}
