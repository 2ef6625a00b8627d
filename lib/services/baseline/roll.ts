/** Rolling a published version out, and rolling back; two people agree on either. */

import { soundnessOf } from "#db/baseline-soundness";
import { type Conn, clientOf, type Tx } from "#db/client";
import { rolloutInsert, rolloutsEnd } from "#db/queries/baseline";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { signingKeyList } from "#db/queries/signing-key";
import { RollbackPayload, RolloutPayload } from "#lib/contracts/baseline";
import type { ChangePreview } from "#lib/contracts/change-request";
import {
  applyPlan,
  planFromMs,
  planRollback,
  planRollout,
  type RolloutPlan,
  type StoredRollout,
} from "#lib/domain/baseline-rollout";
import { ProblemError } from "#lib/domain/problems";
import { selectorWords } from "#lib/domain/selector-words";
import { type ChangeKind, changeKind } from "#lib/services/change-request/kinds";
import type { ServiceContext } from "#lib/services/context";
import { iso } from "#lib/services/instant";
import { uuidv7 } from "#lib/services/uuidv7";
import { lockedBaseline, rolloutsOf, versionOf, visibleBaseline } from "./find.ts";
import { type MovesOf, movesPreview } from "./moves.ts";
import { requireSelector } from "./tools.ts";

const RIGHTS = { permissionToPropose: "change:propose", permissionToDecide: "change:decide" } as const;

/** The kind `baseline.rollout`: from an instant on, a published version holds for a part of the nodes. */
export function rolloutBaselineKind(movesOf: MovesOf): ChangeKind {
  return changeKind({
    ...RIGHTS,
    kind: "baseline.rollout",
    label: "Roll out a baseline version",
    schema: RolloutPayload,
    async plan(conn, ctx, payload, lock) {
      const { baseline, existing, digest } = await subjectOf(conn, ctx, payload, lock);
      planOf(existing, payload, ctx.now().getTime());
      const { version, part, percent, selector } = payload;
      return {
        trustDomainId: baseline.trustDomainId,
        subject: baseline.id,
        summary: `${part === "target" ? "Roll out" : "Accept"} version ${version} of baseline ${baseline.name} for ${percent} % of ${nodesOf(selector)}`,
        facts: { digest, rollouts: factsOf(existing) },
      };
    },
    async preview(ctx, payload) {
      const { baseline, existing } = await subjectOf(ctx.db, ctx, payload, false);
      const nowMs = ctx.now().getTime();
      const plan = planOf(existing, payload, nowMs);
      const facts = [
        { label: "For", value: `${payload.percent} % of ${nodesOf(payload.selector)}` },
        { label: "From", value: payload.from ?? "the approval on" },
        { label: "To", value: payload.to ?? "no end" },
        { label: "Other versions are accepted", value: payload.acceptOthersUntil ?? "as they are now" },
      ];
      const { version, to, acceptOthersUntil } = payload;
      const ends = [acceptOthersUntil, to].flatMap((end) => (end === null ? [] : [Date.parse(end)]));
      return previewOf(ctx, movesOf, { baseline, existing, plan, facts, ends, version });
    },
    async apply(tx, ctx, payload, requestId) {
      const { baseline, existing } = await subjectOf(tx, ctx, payload, true);
      const plan = planOf(existing, payload, ctx.now().getTime());
      return carryOut(tx, ctx, { baseline, existing, plan, requestId });
    },
  });
}

/** The kind `baseline.rollback`: from now on only one version holds, or none. */
export function rollbackBaselineKind(movesOf: MovesOf): ChangeKind {
  return changeKind({
    ...RIGHTS,
    kind: "baseline.rollback",
    label: "Roll a baseline back",
    schema: RollbackPayload,
    async plan(conn, ctx, payload, lock) {
      const { baseline, existing, digest } = await subjectOf(conn, ctx, payload, lock);
      const plan = planRollback(existing, payload.version, ctx.now().getTime());
      if (planFromMs(plan) === null) {
        throw new ProblemError("baseline/wrong-state", "This is what holds already.");
      }
      return {
        trustDomainId: baseline.trustDomainId,
        subject: baseline.id,
        summary:
          payload.version === null
            ? `Expect nothing by baseline ${baseline.name} any more`
            : `Roll baseline ${baseline.name} back to version ${payload.version}`,
        facts: { digest, rollouts: factsOf(existing) },
      };
    },
    async preview(ctx, payload) {
      const { baseline, existing } = await subjectOf(ctx.db, ctx, payload, false);
      const plan = planRollback(existing, payload.version, ctx.now().getTime());
      const facts = [
        { label: "From now on", value: payload.version === null ? "nothing" : `version ${payload.version}` },
        { label: "Rollouts that end", value: String(plan.end.length) },
      ];
      return previewOf(ctx, movesOf, { baseline, existing, plan, facts, ends: [], version: payload.version });
    },
    async apply(tx, ctx, payload, requestId) {
      const { baseline, existing } = await subjectOf(tx, ctx, payload, true);
      const plan = planRollback(existing, payload.version, ctx.now().getTime());
      return carryOut(tx, ctx, { baseline, existing, plan, requestId });
    },
  });
}

const nodesOf = (selector: string) =>
  selector === "" ? "all nodes of the baseline" : `its ${selectorWords(selector).replace(/^Nodes/, "nodes")}`;

type Baseline = Awaited<ReturnType<typeof lockedBaseline>>;

/** The baseline with its rollouts; the version must be published and be what was signed. */
async function subjectOf(
  conn: Conn,
  { actor }: ServiceContext,
  payload: { baselineId: string; version: number | null; selector?: string },
  lock: boolean,
): Promise<{ baseline: Baseline; existing: StoredRollout[]; digest: string | null }> {
  const { baselineId, version, selector = "" } = payload;
  requireSelector(selector, "#/payload/selector");
  const scope = actor.trustDomainIds;
  const baseline = lock
    ? await lockedBaseline(conn, scope, baselineId)
    : await visibleBaseline(conn, scope, baselineId);
  const existing = await rolloutsOf(conn, baseline);
  if (version === null) return { baseline, existing, digest: null };
  const row = await versionOf(conn, baseline, version);
  if (row.state !== "published") {
    const detail = `Version ${version} of ${baseline.name} is ${row.state}; publish it first.`;
    throw new ProblemError("baseline/wrong-state", detail);
  }
  const soundness = soundnessOf(row, await signingKeyList(conn, [baseline.trustDomainId]));
  if (soundness.state !== "sound") {
    const detail = soundness.state === "tampered" ? soundness.detail : "It was never signed.";
    throw new ProblemError("baseline/tampered", detail);
  }
  return { baseline, existing, digest: row.digest.toString("hex") };
}

function planOf(existing: readonly StoredRollout[], payload: RolloutPayload, nowMs: number): RolloutPlan {
  const ms = (instant: string | null) => (instant === null ? null : Date.parse(instant));
  const { version, part, selector, percent, from, to, acceptOthersUntil } = payload;
  const request = { version, part, selector, percent, fromMs: ms(from), toMs: ms(to) };
  const plan = planRollout(existing, { ...request, acceptOthersUntilMs: ms(acceptOthersUntil) }, nowMs);
  if (!("member" in plan)) return plan;
  const { member, detail } = plan;
  throw new ProblemError("request/invalid", detail, {
    pointers: [{ pointer: `#/payload/${member}`, detail }],
  });
}

/** A vote counts for what holds as it was when the change was proposed. */
const factsOf = (existing: readonly StoredRollout[]) => existing.map(({ id, toMs }) => ({ id, toMs }));

async function previewOf(
  ctx: ServiceContext,
  movesOf: MovesOf,
  args: {
    baseline: Baseline;
    existing: readonly StoredRollout[];
    plan: RolloutPlan;
    facts: ChangePreview["facts"];
    /** Further instants at which the change ends something: other versions, or itself. */
    ends: readonly number[];
    version: number | null;
  },
): Promise<ChangePreview> {
  const { baseline, existing, plan, version } = args;
  const nowMs = ctx.now().getTime();
  const beginMs = Math.max(planFromMs({ ...plan, end: plan.add ? [] : plan.end }) ?? nowMs, nowMs);
  const ends = args.ends.filter((atMs) => atMs > beginMs).sort((a, b) => a - b);
  const row = version === null ? null : await versionOf(ctx.db, baseline, version);
  const content = row && { version: row.version, content: row.content };
  const proposal = { baseline, rollouts: applyPlan(existing, plan), content };
  const { nodes, at } = await movesOf(ctx, baseline.trustDomainId, proposal, [beginMs, ...ends]);
  const [first, ...later] = at;
  if (!first) throw new Error("An instant was asked for and not answered");
  const told = movesPreview(
    nodes,
    first,
    later.map((moves, index) => ({ ...moves, atMs: ends[index] ?? beginMs })),
  );
  return {
    ...told,
    facts: [
      { label: "Baseline", value: baseline.name },
      ...(version === null ? [] : [{ label: "Version", value: String(version) }]),
      ...args.facts,
      { label: "Moves are", value: beginMs > nowMs ? `at ${iso(beginMs)}, from what is so now` : "at once" },
      ...told.facts,
    ],
    reliedOn: { total: 0, items: [] },
  };
}

async function carryOut(
  tx: Tx,
  ctx: ServiceContext,
  args: { baseline: Baseline; existing: readonly StoredRollout[]; plan: RolloutPlan; requestId: string },
) {
  const { baseline, existing, plan, requestId } = args;
  const { trustDomainId, id: baselineId } = baseline;
  const now = ctx.now();
  for (const [atMs, ended] of Map.groupBy(plan.end, ({ atMs }) => atMs)) {
    await rolloutsEnd(
      tx,
      { trustDomainId },
      ended.map(({ id }) => id),
      new Date(atMs),
    );
  }
  if (plan.add) {
    const { fromMs, toMs, ...stretch } = plan.add;
    await rolloutInsert(tx, {
      ...stretch,
      trustDomainId,
      id: uuidv7(now),
      baselineId,
      validFrom: new Date(fromMs),
      validTo: toMs === null ? null : new Date(toMs),
      changeRequestId: requestId,
      createdAt: now,
    });
  }
  const fromMs = planFromMs(plan);
  if (fromMs !== null) await driftMarkAll(clientOf(tx), trustDomainId, fromMs, now);
  return {
    entity: "baseline",
    entityId: baselineId,
    before: { rollouts: factsOf(existing) },
    after: { add: plan.add, end: plan.end, requestId },
  };
}
