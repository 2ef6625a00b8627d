/** All baselines, with how much of the fleet they cover and match. */
import { baselineList } from "#db/queries/baseline";
import type { BaselineList } from "#lib/contracts/baseline";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { readFleet } from "./fleet.ts";
import { storedBaselines } from "./stored.ts";
import { type StoredBaseline, summaryOf } from "./view.ts";

/** @throws {ProblemError} `auth/forbidden` */
export async function listBaselines(ctx: ServiceContext): Promise<BaselineList> {
  const scope = readScope(ctx, "baseline:read");
  const stored = await storedBaselines(ctx.db, scope, await baselineList(ctx.db, scope));
  const nowMs = ctx.now().getTime();
  const items: BaselineList["items"] = [];
  for (const [trustDomainId, own] of Map.groupBy(stored, ({ baseline }) => baseline.trustDomainId)) {
    const { nodes } = await readFleet(ctx.db, trustDomainId, own.flatMap(selectorsOf));
    items.push(...own.map((baseline) => summaryOf(baseline, nodes, nowMs).summary));
  }
  return { items: items.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Every selector that judging by a baseline asks. */
export function selectorsOf({ baseline, rollouts }: StoredBaseline): string[] {
  return [baseline.selector, ...rollouts.map(({ selector }) => selector)];
}
