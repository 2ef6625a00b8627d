/** Everybody on the way to trust, stage by stage. */
import { fleetTroubles } from "#db/queries/fleet";
import { type BoardRow, boardNodes, stageDurations } from "#db/queries/lifecycle";
import { validAt } from "#db/queries/time-sql";
import {
  type OnboardingBoard,
  type OnboardingFailure,
  type OnboardingNode,
  type OnboardingQuery,
  STAGE_NAMES,
} from "#lib/contracts/lifecycle";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

const WINDOW_DAYS = 90;
const DAY_MS = 86_400_000;
/** Most nodes that are named in one column; its count is of all. */
const COLUMN_NODES = 50;

/** Transitions that lead from a stage to the next one. */
const STEPS = ["T01", "T02", "T03", "T05", "T07"];

/** @throws {ProblemError} `request/invalid` for an instant of the future */
export async function onboardingBoard(
  ctx: ServiceContext,
  query: OnboardingQuery = {},
): Promise<OnboardingBoard> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const [rows, durations, troubles] = await ctx.db.transaction(
    async (tx) =>
      [
        await boardNodes(tx, scope, {
          ...point,
          states: [...STAGE_NAMES, "trusted", "failed"],
          newestFirst: ["trusted", "failed"],
          limit: COLUMN_NODES,
        }),
        await stageDurations(tx, scope, {
          ...point,
          since: new Date(validAt(point).getTime() - WINDOW_DAYS * DAY_MS),
          steps: STEPS,
        }),
        await fleetTroubles(tx, scope, point),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const byState = Map.groupBy(rows, ({ state }) => state);
  const column = (state: string) => {
    const own = byState.get(state) ?? [];
    return { nodes: own[0]?.nodes ?? 0, own };
  };
  const stay = new Map(durations.map((row) => [row.stage, row]));
  const trusted = column("trusted");
  const failed = column("failed");
  return {
    ...used,
    windowDays: WINDOW_DAYS,
    stages: STAGE_NAMES.map((stage) => {
      const { nodes, own } = column(stage);
      const figures = stay.get(stage);
      return {
        stage,
        nodes,
        p50Ms: figures ? Math.round(figures.p50) : null,
        p90Ms: figures ? Math.round(figures.p90) : null,
        n: figures?.n ?? 0,
        items: own.map(nodeView),
      };
    }),
    trusted: { nodes: trusted.nodes, items: trusted.own.map(nodeView) },
    failed: { nodes: failed.nodes, items: failed.own.map(failureView) },
    unattributedFailures: troubles.unattributed,
  };
}

function nodeView({ id, displayName, state, since, status }: BoardRow): OnboardingNode {
  return {
    id,
    displayName,
    state: state as OnboardingNode["state"],
    since: iso(since),
    status: status as OnboardingNode["status"],
  };
}

function failureView(row: BoardRow): OnboardingFailure {
  return {
    ...nodeView(row),
    failedFrom: (row.failedFrom ?? row.state) as OnboardingFailure["failedFrom"],
    event: row.event ?? "",
    reasonCode: row.reasonCode,
    reasonText: row.reasonText,
  };
}
