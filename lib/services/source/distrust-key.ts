/** The two-person action that makes the evidence of a key worthless, back to when it was compromised. */
import { z } from "zod";
import type { Conn } from "#db/client";
import {
  changesNaming,
  otherUsableKeys,
  rederivationInsert,
  sourceKeyDistrust,
  sourceKeyFind,
} from "#db/queries/rederivation";
import { sourceFind } from "#db/queries/source";
import { Instant, Uuid } from "#lib/contracts/common";
import { ProblemError } from "#lib/domain/problems";
import { type ChangeKind, changeKind } from "#lib/services/change-request/kinds";
import type { ServiceContext } from "#lib/services/context";
import { iso } from "#lib/services/instant";
import { uuidv7 } from "#lib/services/uuidv7";

const DistrustKey = z.strictObject({ sourceId: Uuid, kid: z.string().max(300), since: Instant });
type DistrustKey = z.infer<typeof DistrustKey>;

/** What a decision would change in history; given by the composition root, because folding lives in ingest. */
export type DistrustImpact = {
  nodeIds: readonly string[];
  /** Nodes whose status would be another one now; names of the first ones. */
  moves: readonly { from: string; to: string; nodes: number }[];
  named: readonly { id: string; name: string; from: string; to: string; reason: string }[];
  movedTotal: number;
  /** Intervals that rest on the key and would not be believed any more, and the time they span. */
  intervals: number;
  firstMs: number | null;
  lastMs: number | null;
};

export type DistrustImpactOf = (
  ctx: ServiceContext,
  key: { trustDomainId: string; sourceId: string; kid: string; sinceMs: number; currentMs: number | null },
) => Promise<DistrustImpact>;

/** Most change requests that a preview names; their total is always told. */
const NAMED_CHANGES = 50;

/**
 * The kind `key.distrust`.
 *
 * The plan names the key and what is in force about it, never what it signed: whoever holds the key
 * could change that at any time, and so keep its distrust from being approved.
 */
export function distrustKeyKind(impactOf: DistrustImpactOf): ChangeKind {
  return changeKind({
    kind: "key.distrust",
    label: "Distrust a key",
    schema: DistrustKey,
    permissionToPropose: "change:propose",
    permissionToDecide: "change:decide",
    async plan(conn, ctx, payload, lock) {
      const { source, key } = await keyOf(conn, ctx, payload, lock);
      const since = new Date(payload.since);
      refuseSince(ctx, since, key.distrustedSince);
      return {
        trustDomainId: source.trustDomainId,
        subject: source.id,
        summary: `${key.distrustedSince ? "Move the distrust of" : "Distrust"} key ${key.kid} of ${source.name} ${key.distrustedSince ? "to" : "since"} ${payload.since}`,
        facts: { alg: key.alg, jwk: key.jwk, distrustedSince: key.distrustedSince?.toISOString() ?? null },
      };
    },
    preview: (ctx, payload) => previewOf(ctx, payload, impactOf),
    async apply(tx, ctx, payload, requestId) {
      const { source, key } = await keyOf(tx, ctx, payload, true);
      const since = new Date(payload.since);
      const id = { trustDomainId: source.trustDomainId, sourceId: source.id, kid: key.kid };
      const recordedAt = ctx.now();
      await sourceKeyDistrust(tx, id, since);
      const previousSince = key.distrustedSince;
      await rederivationInsert(tx, { ...id, id: uuidv7(recordedAt), since, previousSince, recordedAt });
      return {
        entity: "source",
        entityId: source.id,
        before: { kid: key.kid, state: key.state, distrustedSince: key.distrustedSince },
        after: { kid: key.kid, state: "distrusted", distrustedSince: since, requestId },
      };
    },
  });
}

async function keyOf(conn: Conn, { actor }: ServiceContext, payload: DistrustKey, lock: boolean) {
  const { sourceId, kid } = payload;
  const source = await sourceFind(conn, actor.trustDomainIds, sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const key = await sourceKeyFind(conn, [source.trustDomainId], { sourceId, kid }, lock);
  if (!key) throw new ProblemError("source/key-not-found", `${source.name} has no key ${kid}.`);
  return { source, key };
}

function refuseSince({ now }: ServiceContext, since: Date, current: Date | null): void {
  const refuse = (detail: string) => {
    throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/payload/since", detail }] });
  };
  if (since > now()) refuse("A key cannot be distrusted from a future instant on.");
  if (since.getTime() === current?.getTime())
    refuse("The key is distrusted since this very instant already.");
}

async function previewOf(ctx: ServiceContext, payload: DistrustKey, impactOf: DistrustImpactOf) {
  const { source, key } = await keyOf(ctx.db, ctx, payload, false);
  const id = { trustDomainId: source.trustDomainId, sourceId: source.id, kid: key.kid };
  const current = key.distrustedSince;
  const sinceMs = Date.parse(payload.since);
  refuseSince(ctx, new Date(sinceMs), current);
  const impact = await impactOf(ctx, { ...id, sinceMs, currentMs: current?.getTime() ?? null });
  const warnings: string[] = [];
  if ((await otherUsableKeys(ctx.db, id, ctx.now())) === 0) {
    warnings.push(
      `No other key of ${source.name} is usable: everything that it sends will be refused until one is registered.`,
    );
  }
  const better = impact.moves.filter(({ from, to }) => from === "failed" && to !== "failed");
  const nodes = better.reduce((sum, move) => sum + move.nodes, 0);
  if (nodes > 0) {
    warnings.push(
      `${nodes} ${nodes === 1 ? "node that is" : "nodes that are"} failed now would not be: only this key says so.`,
    );
  }
  if (current && current.getTime() < sinceMs) {
    warnings.push(`Evidence from ${current.toISOString()} until ${payload.since} would count again.`);
  }
  const { firstMs, lastMs } = impact;
  return {
    facts: [
      { label: "Source", value: source.name },
      { label: "Key", value: `${key.kid} (${key.alg})` },
      { label: "Worthless since", value: payload.since },
      { label: "Until now", value: current ? `distrusted since ${current.toISOString()}` : key.state },
      { label: "Nodes affected", value: String(impact.nodeIds.length) },
      { label: "Intervals that rest on it", value: String(impact.intervals) },
      {
        label: "Time range",
        value: firstMs === null || lastMs === null ? "none" : `${iso(firstMs)} to ${iso(lastMs)}`,
      },
    ],
    warnings,
    moves: [...impact.moves],
    nodes: { total: impact.movedTotal, items: [...impact.named] },
    reliedOn: await changesNaming(ctx.db, [source.trustDomainId], impact.nodeIds, NAMED_CHANGES),
  };
}
