/** Ignoring drift: an exception from the baseline, for a time and for as few nodes as are named. */
import { clientOf, type Tx } from "#db/client";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { exceptionInsert, openMalicious } from "#db/queries/drift-exception";
import type { GroupRow } from "#db/queries/drift-group";
import { openNodes } from "#db/queries/drift-group-nodes";
import { type DriftDecided, IgnoreDriftBody } from "#lib/contracts/drift-group";
import { ProblemError } from "#lib/domain/problems";
import { matcherOf, patternProblem } from "#lib/policy/patterns";
import { compileSelector } from "#lib/policy/selector";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { moveGroup } from "./decide.ts";
import { chosenGroups } from "./select.ts";

/** Longest life of an exception. */
const EXCEPTION_MAX_MS = 365 * 86_400_000;

/** One exception to be made; several groups may share it. */
type Planned = { pattern: string; baselineId: string; groups: GroupRow[] };

/**
 * Make exceptions out of groups. A group is ignored when every node that shows it is covered; else it stays
 * where it is, with fewer nodes as soon as they are compared again.
 *
 * @throws {ProblemError} `drift/not-found`, `drift/decided`, `drift/selection-moved`, `drift/too-broad`,
 *   `request/invalid` for a pattern, selector or expiry that cannot be
 */
export const ignoreDrift = command({
  name: "drift.ignore",
  permission: "exception:manage",
  input: IgnoreDriftBody,
  target: ({ groups }) => ("ids" in groups ? (groups.ids[0] ?? "-") : "-"),
  async run(tx, ctx, input) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const expiresAt = expiryOf(input, at);
    const selector = selectorOf(input.scope);
    const { trustDomainId, groups, left } = await chosenGroups(tx, actor.trustDomainIds, input.groups, at);
    const plan = planOf(groups, input.pattern);
    await refuseTooBroad(tx, trustDomainId, groups, plan);
    const covered = await coveredGroups(tx, trustDomainId, groups, selector, at);
    const exceptionIds: string[] = [];
    for (const { pattern, baselineId, groups: some } of plan) {
      const id = uuidv7(at);
      exceptionIds.push(id);
      const { reason } = input;
      const life = { createdAt: at, validFrom: at, expiresAt };
      await exceptionInsert(tx, {
        trustDomainId,
        id,
        pattern,
        baselineId,
        selector,
        reason,
        createdBy: actor.id,
        ...life,
      });
      const detail = { exceptionId: id, pattern, selector, expiresAt: expiresAt.toISOString() };
      for (const group of some) {
        const set = covered.has(group.id) ? { state: "ignored" as const, exceptionId: id } : {};
        await moveGroup(tx, group, set, { kind: "ignore", reason, detail, by: actor.id, at });
      }
    }
    await driftMarkAll(clientOf(tx), trustDomainId, at.getTime(), at);
    const result: DriftDecided = { decided: groups.map(({ id }) => id), left, drafts: [], exceptionIds };
    const { groups: _, ...decision } = input;
    return {
      result,
      audit: {
        trustDomainId,
        entity: "drift_group",
        entityId: groups[0]?.id ?? "-",
        before: { states: groups.map(({ state }) => state) },
        after: { ...decision, groups: result.decided, exceptionIds },
      },
    };
  },
});

function expiryOf({ expiresAt }: IgnoreDriftBody, at: Date): Date {
  const expiry = new Date(expiresAt);
  const aheadMs = expiry.getTime() - at.getTime();
  if (aheadMs > 0 && aheadMs <= EXCEPTION_MAX_MS) return expiry;
  throw invalid("#/expiresAt", "An exception ends within 365 days.");
}

function selectorOf(scope: IgnoreDriftBody["scope"]): string {
  switch (scope.kind) {
    case "baseline":
      return "";
    case "node":
      return `node.id == "${scope.nodeId.toLowerCase()}"`;
    case "selector": {
      const compiled = compileSelector(scope.selector);
      if (!compiled.ok) throw invalid("#/scope/selector", compiled.detail);
      return scope.selector;
    }
  }
}

/** One exception per path and baseline; with a pattern of one's own, one per baseline. */
function planOf(groups: readonly GroupRow[], pattern: string | undefined): Planned[] {
  if (pattern !== undefined) {
    const problem = patternProblem(pattern);
    if (problem) throw invalid("#/pattern", problem);
    const matches = matcherOf([pattern]);
    const other = groups.find(({ path }) => !matches(path));
    if (other) throw invalid("#/pattern", `The pattern does not match ${other.path}.`);
  }
  const patternOf = ({ path }: GroupRow) => pattern ?? exactly(path);
  const planned = Map.groupBy(groups, (group) => JSON.stringify([group.baselineId, patternOf(group)]));
  return [...planned.values()].flatMap((some) => {
    const [first] = some;
    return first ? [{ pattern: patternOf(first), baselineId: first.baselineId, groups: some }] : [];
  });
}

/** The pattern of one path, whatever characters it has. */
function exactly(path: string): string {
  return path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/**
 * What looks like an attack is ignored by itself and knowingly, or not at all: not in bulk, and not because
 * a pattern that was meant for something else happens to reach it.
 */
async function refuseTooBroad(
  tx: Tx,
  trustDomainId: string,
  groups: readonly GroupRow[],
  plan: readonly Planned[],
): Promise<void> {
  if (groups.length > 1 && groups.some(({ worst }) => worst === "malicious_like")) {
    throw new ProblemError(
      "drift/too-broad",
      "Some of these look like an attack. Ignore such a change by itself, or not at all.",
    );
  }
  const own = new Set(groups.map(({ id }) => id));
  const others = (await openMalicious(tx, trustDomainId)).filter(({ id }) => !own.has(id));
  const hit = others.find(({ path, baselineId }) =>
    plan.some((one) => one.baselineId === baselineId && matcherOf([one.pattern])(path)),
  );
  if (!hit) return;
  throw new ProblemError(
    "drift/too-broad",
    `It would also cover ${hit.path}, which looks like an attack and is undecided. Narrow the pattern.`,
  );
}

/** Groups of which every node that shows them is selected. */
async function coveredGroups(
  tx: Tx,
  trustDomainId: string,
  groups: readonly GroupRow[],
  selector: string,
  at: Date,
): Promise<ReadonlySet<string>> {
  const ids = groups.map(({ id }) => id);
  const compiled = compileSelector(selector);
  if (selector === "" || !compiled.ok) return new Set(ids);
  const nodes = await openNodes(tx, [trustDomainId], ids, at);
  const outside = new Set(nodes.filter((node) => !compiled.matches(node)).map(({ groupId }) => groupId));
  return new Set(ids.filter((id) => !outside.has(id)));
}

function invalid(pointer: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer, detail }] });
}
