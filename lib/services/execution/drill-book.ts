/** Which recipes were rehearsed when, which are due, and on which nodes they may be drilled. */
import { type DrillRow, lastRuns, provenAt } from "#db/queries/drill";
import { executionSteps, remediationTargets } from "#db/queries/remediation";
import { marksNow } from "#db/queries/sacrificial-mark";
import type { DrillBook } from "#lib/contracts/drill";
import { DRILL_MS } from "#lib/domain/measure/limits";
import { RECIPES } from "#lib/domain/recipe";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";

const DAY_MS = 86_400_000;
const MARKS_SHOWN = 200;

type Entry = DrillBook["recipes"][number];

/** @throws {ProblemError} `auth/forbidden` */
export async function drillBook(ctx: ServiceContext): Promise<DrillBook> {
  const scope = readScope(ctx, "remediation:read");
  const nowMs = ctx.now().getTime();
  const runs = await lastRuns(ctx.db, scope);
  const proven = await provenAt(ctx.db, scope);
  const recipes: Entry[] = [];
  for (const { id, version, action } of RECIPES) {
    const last = (kind: DrillRow["kind"]) => runs.find((run) => run.recipe === id && run.kind === kind);
    const [rehearsal, drill, real] = [last("rehearsal"), last("drill"), last("real")];
    const { at, drilled } = proven.get(id) ?? { at: null, drilled: null };
    const dueMs = at === null ? null : at + DRILL_MS;
    recipes.push({
      ...{ recipe: id, version, action },
      drill: rehearsal ? { ...runOf(rehearsal), ...(await doneIn(ctx, rehearsal)) } : null,
      realDrill: drill
        ? { ...begunOf(drill), endedAt: isoOrNull(drill.endedMs), ...(await doneIn(ctx, drill)) }
        : null,
      drilledAt: isoOrNull(drilled),
      drillDue: drilled === null || drilled + DRILL_MS <= nowMs,
      real: real ? runOf(real) : null,
      provenAt: isoOrNull(at),
      dueAt: isoOrNull(dueMs),
      // As M25 counts it: what ended longer ago than the limit does not count any more.
      due: dueMs === null || dueMs <= nowMs,
    });
  }
  const marks = await marksNow(ctx.db, scope, ctx.now(), MARKS_SHOWN);
  return {
    dueAfterDays: DRILL_MS / DAY_MS,
    marks: marks.map(({ nodeId, nodeName, reason, email, madeAt, expiresAt }) => ({
      ...{ nodeId, nodeName, reason, by: email },
      ...{ since: madeAt.toISOString(), until: expiresAt.toISOString() },
    })),
    recipes,
  };
}

const begunOf = ({ id, state, outcome, email, startedMs, total, names }: DrillRow) => ({
  requestId: id,
  startedAt: iso(startedMs),
  state: state as NonNullable<Entry["real"]>["state"],
  requestedBy: email,
  outcome,
  nodes: { total, names },
});

/** Rehearsals and real uses are listed when they are over. */
const runOf = (row: DrillRow) => ({ ...begunOf(row), endedAt: iso(row.endedMs ?? row.startedMs) });

async function doneIn(
  { db }: ServiceContext,
  row: DrillRow,
): Promise<Pick<NonNullable<Entry["drill"]>, "recipeVersion" | "steps">> {
  const targets = await remediationTargets(db, row);
  const names = new Map(targets.map(({ nodeId, displayName }) => [nodeId, displayName]));
  const steps = await executionSteps(db, row);
  return {
    recipeVersion: row.recipeVersion,
    steps: steps.map(({ nodeId, connectorKind, verb, state, startedAt, endedAt, observed, problem }) => ({
      ...{ nodeName: names.get(nodeId) ?? "", connectorKind, verb, problem },
      state: state as NonNullable<Entry["drill"]>["steps"][number]["state"],
      startedAt: isoOrNull(startedAt?.getTime() ?? null),
      observed: detailOf(observed),
      durationMs: startedAt === null || endedAt === null ? null : endedAt.getTime() - startedAt.getTime(),
    })),
  };
}

/** What a connector said that it saw. */
function detailOf(observed: unknown): string | null {
  const detail = (observed as { detail?: unknown } | null)?.detail;
  return typeof detail === "string" && detail !== "" ? detail : null;
}
