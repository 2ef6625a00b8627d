/** One baseline: its versions, its rollouts, and where the fleet stands with each. */
import { emailsOf } from "#db/queries/user";
import {
  type BaselineDiff,
  BaselineDiffQuery,
  type BaselineView,
  type VersionContent,
} from "#lib/contracts/baseline";
import { contentDocument } from "#lib/domain/baseline-content";
import { diffContents } from "#lib/domain/baseline-diff";
import { toleranceSentence } from "#lib/domain/baseline-words";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { versionOf, visibleBaseline } from "./find.ts";
import { readFleet } from "./fleet.ts";
import { selectorsOf } from "./list.ts";
import { contentView } from "./make-content.ts";
import { storedBaselines } from "./stored.ts";
import { baselineView } from "./view.ts";

type Named = { baselineId: string };

/** @throws {ProblemError} `baseline/not-found` */
export async function getBaseline(ctx: ServiceContext, { baselineId }: Named): Promise<BaselineView> {
  const scope = readScope(ctx, "baseline:read");
  const baseline = await visibleBaseline(ctx.db, scope, baselineId);
  const [stored] = await storedBaselines(ctx.db, [baseline.trustDomainId], [baseline]);
  if (!stored) throw new Error("A baseline that was found is not stored");
  const { nodes } = await readFleet(ctx.db, baseline.trustDomainId, selectorsOf(stored));
  const approvers = stored.versions.flatMap(({ soundness }) =>
    soundness.state === "sound" ? [soundness.statement.approver] : [],
  );
  return baselineView(stored, nodes, await emailsOf(ctx.db, approvers), ctx.now().getTime());
}

/** @throws {ProblemError} `baseline/not-found`, `baseline/version-not-found` */
export async function getVersion(
  ctx: ServiceContext,
  { baselineId, version }: Named & { version: number },
): Promise<VersionContent> {
  const baseline = await visibleBaseline(ctx.db, readScope(ctx, "baseline:read"), baselineId);
  const { content, signature } = await versionOf(ctx.db, baseline, version);
  return {
    version,
    content: contentView(content),
    document: JSON.stringify(contentDocument(content), null, 2),
    envelope: signature ?? null,
  };
}

/** @throws {ProblemError} `baseline/not-found`, `baseline/version-not-found` */
export async function diffVersions(
  ctx: ServiceContext,
  { baselineId, ...query }: Named & BaselineDiffQuery,
): Promise<BaselineDiff> {
  const baseline = await visibleBaseline(ctx.db, readScope(ctx, "baseline:read"), baselineId);
  const { a, b } = parseInput(BaselineDiffQuery, query, "/query");
  const [before, after] = [await versionOf(ctx.db, baseline, a), await versionOf(ctx.db, baseline, b)];
  const { entries, scope, ignore, tolerances } = diffContents(before.content, after.content);
  return {
    a,
    b,
    total:
      entries.length +
      tolerances.length +
      [scope, ignore].reduce((sum, { added, removed }) => sum + added.length + removed.length, 0),
    entries: entries.map((entry) => ({ ...entry, a: entry.a && [...entry.a], b: entry.b && [...entry.b] })),
    scope: { added: [...scope.added], removed: [...scope.removed] },
    ignore: { added: [...ignore.added], removed: [...ignore.removed] },
    tolerances: tolerances.map(({ layer, ...sides }) => ({
      layer,
      a: toleranceSentence(layer, sides.a),
      b: toleranceSentence(layer, sides.b),
    })),
  };
}
