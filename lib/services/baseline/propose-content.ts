/** What could become a baseline: contents before they are stored, and states that many nodes share. */
import type { CommonStates, MadeContent } from "#lib/contracts/baseline";
import { MakeContentBody } from "#lib/contracts/baseline";
import { labelSelector, selectorWords } from "#lib/domain/selector-words";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { readFleet } from "./fleet.ts";
import { type DocumentReader, madeView, makeContent } from "./make-content.ts";

/**
 * What a content would be, and what is left out of it. Stores nothing.
 *
 * @param reader from the composition root
 * @throws {ProblemError} what making the content refuses with
 */
export async function previewContent(
  ctx: ServiceContext,
  body: MakeContentBody,
  reader: DocumentReader,
): Promise<MadeContent> {
  readScope(ctx, "baseline:draft");
  const { origin, ...lane } = parseInput(MakeContentBody, body);
  return madeView(await makeContent(ctx.db, domainFor(ctx.actor), origin, lane, reader));
}

/** The label that cohorts are told apart by. */
const ROLE = "role";
const LISTED = 12;

/** States that many nodes share, per lane and role, the largest first. */
export async function commonStates(ctx: ServiceContext): Promise<CommonStates> {
  readScope(ctx, "baseline:read");
  const { nodes, sourceNames } = await readFleet(ctx.db, domainFor(ctx.actor), []);
  type Cohort = {
    sourceId: string;
    submod: string;
    role: string | null;
    digests: Map<string, number>;
    paths: number;
  };
  const cohorts = new Map<string, Cohort>();
  for (const { node, lanes } of nodes) {
    const role = node.labels[ROLE] ?? null;
    for (const { sourceId, submod, digest, measurements } of lanes) {
      const key = JSON.stringify([sourceId, submod, role]);
      const cohort = cohorts.get(key) ?? { sourceId, submod, role, digests: new Map(), paths: 0 };
      cohorts.set(key, cohort);
      cohort.digests.set(digest, (cohort.digests.get(digest) ?? 0) + 1);
      cohort.paths = Math.max(cohort.paths, Object.keys(measurements).length);
    }
  }
  const items = [...cohorts.values()].map(({ sourceId, submod, role, digests, paths }) => {
    const counts = [...digests.values()];
    const selector = role === null ? "" : labelSelector(ROLE, role);
    return {
      sourceId,
      sourceName: sourceNames.get(sourceId) ?? sourceId,
      submod,
      selector,
      selectorWords: selectorWords(selector),
      nodes: counts.reduce((sum, count) => sum + count, 0),
      same: Math.max(...counts),
      paths,
    };
  });
  return { items: items.sort((a, b) => b.nodes - a.nodes || b.same - a.same).slice(0, LISTED) };
}
