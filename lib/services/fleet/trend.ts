/** The course of the fleet between two instants. */
import { fleetDeltas } from "#db/queries/fleet";
import type { FleetTrend, FleetTrendQuery } from "#lib/contracts/fleet";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { statusCounts } from "./summary.ts";

/**
 * Nodes by status at evenly spaced instants, both ends included.
 *
 * @throws {ProblemError} `request/invalid` when the window is empty or runs backwards, or nothing is known yet
 */
export async function fleetTrend(ctx: ServiceContext, query: FleetTrendQuery): Promise<FleetTrend> {
  const scope = readScope(ctx, "fleet:read");
  const { knownAt, now, used } = timePoint(ctx, { knownAt: query.knownAt });
  const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
  if (fromMs >= toMs) {
    throw new ProblemError("request/invalid", "The window must end after it begins.", {
      pointers: [{ pointer: "#/query/to", detail: "Must be later than from." }],
    });
  }
  const at = Array.from(
    { length: query.points },
    (_, index) => new Date(Math.round(fromMs + (index * (toMs - fromMs)) / (query.points - 1))),
  );
  const deltas = await fleetDeltas(ctx.db, scope, { at, knownAt, now });
  const running = new Map<string, number>();
  let next = 0;
  return {
    knownAt: used.knownAt,
    points: at.map((date, index) => {
      for (let change = deltas[next]; change && change.index <= index; change = deltas[++next]) {
        running.set(change.status, (running.get(change.status) ?? 0) + change.delta);
      }
      const rows = [...running].map(([status, nodes]) => ({ status, nodes }));
      return {
        at: date.toISOString(),
        nodes: rows.reduce((total, { nodes }) => total + nodes, 0),
        counts: statusCounts(rows),
      };
    }),
  };
}
