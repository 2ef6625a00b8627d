/** Which recipes were rehearsed when, and which are due. */
import { type DrillRow, lastRuns, provenAt } from "#db/queries/drill";
import { executionSteps, remediationTargets } from "#db/queries/remediation";
import type { DrillBook } from "#lib/contracts/drill";
import { DRILL_MS } from "#lib/domain/measure/limits";
import { RECIPES } from "#lib/domain/recipe";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";

const DAY_MS = 86_400_000;

type Entry = DrillBook["recipes"][number];

/** @throws {ProblemError} `auth/forbidden` */
export async function drillBook(ctx: ServiceContext): Promise<DrillBook> {
  const scope = readScope(ctx, "remediation:read");
  const nowMs = ctx.now().getTime();
  const runs = await lastRuns(ctx.db, scope);
  const proven = await provenAt(ctx.db, scope);
  const recipes: Entry[] = [];
  for (const { id, version, action } of RECIPES) {
    const drill = runs.find((run) => run.recipe === id && run.drill);
    const real = runs.find((run) => run.recipe === id && !run.drill);
    const at = proven.get(id) ?? null;
    const dueMs = at === null ? null : at + DRILL_MS;
    recipes.push({
      ...{ recipe: id, version, action },
      drill: drill ? await drillOf(ctx, drill) : null,
      real: real ? runOf(real) : null,
      provenAt: isoOrNull(at),
      dueAt: isoOrNull(dueMs),
      // As M25 counts it: what ended longer ago than the limit does not count any more.
      due: dueMs === null || dueMs <= nowMs,
    });
  }
  return { dueAfterDays: DRILL_MS / DAY_MS, recipes };
}

const runOf = ({ id, state, outcome, email, startedMs, endedMs, total, names }: DrillRow) => ({
  requestId: id,
  startedAt: iso(startedMs),
  endedAt: iso(endedMs),
  state: state as NonNullable<Entry["real"]>["state"],
  requestedBy: email,
  outcome,
  nodes: { total, names },
});

async function drillOf({ db }: ServiceContext, row: DrillRow): Promise<NonNullable<Entry["drill"]>> {
  const targets = await remediationTargets(db, row);
  const names = new Map(targets.map(({ nodeId, displayName }) => [nodeId, displayName]));
  const steps = await executionSteps(db, row);
  return {
    ...runOf(row),
    recipeVersion: row.recipeVersion,
    steps: steps.map(({ nodeId, connectorKind, verb, state, startedAt, endedAt, problem }) => ({
      ...{ nodeName: names.get(nodeId) ?? "", connectorKind, verb, problem },
      state: state as NonNullable<Entry["drill"]>["steps"][number]["state"],
      durationMs: startedAt === null || endedAt === null ? null : endedAt.getTime() - startedAt.getTime(),
    })),
  };
}
