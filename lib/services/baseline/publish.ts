/** Publishing a draft: two people agree on its content, and the installation signs it. */

import { soundnessOf } from "#db/baseline-soundness";
import type { Conn } from "#db/client";
import { authorsSincePublished, versionPublish } from "#db/queries/baseline";
import type { Sealer } from "#db/sealing";
import { PublishPayload } from "#lib/contracts/baseline";
import { diffContents, isSameContent } from "#lib/domain/baseline-diff";
import { applyPlan, planRollback } from "#lib/domain/baseline-rollout";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { type ChangeKind, changeKind } from "#lib/services/change-request/kinds";
import { personActor } from "#lib/services/change-request/person";
import type { ServiceContext } from "#lib/services/context";
import { lockedBaseline, rolloutsOf, versionOf, visibleBaseline } from "./find.ts";
import { type MovesOf, movesPreview } from "./moves.ts";
import { signStatement } from "./sign.ts";

/**
 * The kind `baseline.publish`.
 *
 * It changes no status: what is published holds for nobody until it is rolled out. The preview says what
 * would move if it held for all nodes of the baseline.
 *
 * @param sealer from the composition root; asked for when something is signed
 * @param movesOf from the composition root too
 */
export function publishBaselineKind(sealer: () => Sealer, movesOf: MovesOf): ChangeKind {
  return changeKind({
    kind: "baseline.publish",
    label: "Publish a baseline version",
    schema: PublishPayload,
    permissionToPropose: "change:propose",
    permissionToDecide: "change:decide",
    async plan(conn, ctx, payload, lock) {
      const { baseline, draft } = await draftOf(conn, ctx, payload, lock);
      return {
        trustDomainId: baseline.trustDomainId,
        subject: baseline.id,
        summary: `Publish version ${draft.version} of baseline ${baseline.name}`,
        facts: { digest: draft.digest.toString("hex"), state: draft.state, selector: baseline.selector },
      };
    },
    async preview(ctx, payload) {
      const { baseline, draft } = await draftOf(ctx.db, ctx, payload, false);
      const existing = await rolloutsOf(ctx.db, baseline);
      const nowMs = ctx.now().getTime();
      const rollouts = applyPlan(existing, planRollback(existing, draft.version, nowMs));
      const content = { version: draft.version, content: draft.content };
      const { trustDomainId } = baseline;
      const { nodes, at } = await movesOf(ctx, trustDomainId, { baseline, rollouts, content }, [nowMs]);
      const [all] = at;
      if (!all) throw new Error("An instant was asked for and not answered");
      const told = movesPreview(nodes, all);
      return {
        ...told,
        facts: [
          { label: "Baseline", value: baseline.name },
          { label: "Version", value: String(draft.version) },
          { label: "Entries", value: String(Object.keys(draft.content.entries).length) },
          { label: "SHA-256 of the content", value: draft.digest.toString("hex") },
          { label: "Moves are", value: "if it held for all nodes of the baseline now" },
          ...told.facts,
        ],
        warnings: [...told.warnings, ...(await changesAgainstBefore(ctx, baseline, draft))],
        reliedOn: { total: 0, items: [] },
      };
    },
    async apply(tx, ctx, payload, requestId) {
      const { baseline, draft } = await draftOf(tx, ctx, payload, true);
      const { trustDomainId, id: baselineId } = baseline;
      const { version } = draft;
      const place = { trustDomainId, baselineId, version };
      const approver = personActor(ctx.actor);
      const authors = (await authorsSincePublished(tx, place)).map(personOf);
      if (authors.includes(personOf(approver.email))) {
        throw new ProblemError("auth/forbidden", "Whoever wrote a version does not approve it.");
      }
      const publishedAt = ctx.now();
      const digest = draft.digest.toString("hex");
      const statement = {
        ...place,
        digest,
        author: draft.author,
        approver: approver.id,
        changeRequestId: requestId,
        approvedAt: publishedAt.toISOString(),
      };
      const { envelope, kid } = await signStatement(tx, statement, sealer(), publishedAt);
      await versionPublish(tx, place, { signature: envelope, publishedAt });
      return {
        entity: "baseline",
        entityId: baselineId,
        before: { version, state: "draft" },
        after: { version, state: "published", digest, kid, requestId },
      };
    },
  });
}

async function draftOf(
  conn: Conn,
  { actor }: ServiceContext,
  { baselineId, version }: PublishPayload,
  lock: boolean,
) {
  const scope = actor.trustDomainIds;
  const baseline = lock
    ? await lockedBaseline(conn, scope, baselineId)
    : await visibleBaseline(conn, scope, baselineId);
  const draft = await versionOf(conn, baseline, version);
  if (draft.state !== "draft") {
    const detail = `Version ${version} of ${baseline.name} is ${draft.state}; only a draft is published.`;
    throw new ProblemError("baseline/wrong-state", detail);
  }
  const soundness = soundnessOf(draft, []);
  if (soundness.state !== "unsigned") {
    const detail = soundness.state === "tampered" ? soundness.detail : "A draft is not signed.";
    throw new ProblemError("baseline/tampered", detail);
  }
  return { baseline, draft };
}

/** A version that says the same as the one before it is most likely a mistake. */
async function changesAgainstBefore(
  ctx: ServiceContext,
  baseline: Parameters<typeof versionOf>[1],
  draft: Awaited<ReturnType<typeof versionOf>>,
): Promise<string[]> {
  if (draft.version === 1) return [];
  const before = await versionOf(ctx.db, baseline, draft.version - 1);
  if (before.state === "withdrawn") return [];
  const diff = diffContents(before.content, draft.content);
  return isSameContent(diff) ? [`It says the same as version ${before.version}.`] : [];
}
