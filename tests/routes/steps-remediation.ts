/** Requests to the routes of remediation, in an order in which each can succeed. */
import { BUILT_IN_LIMITS } from "#lib/domain/remediation-limits";
import type { Kept, Step } from "./steps.ts";
import type { RouteWorld } from "./world.ts";

const REASON = "Because the matrix asks for it";
const second = (world: RouteWorld) => world.second;
const until = () => new Date(Date.now() + 3_600_000).toISOString();

const planOf = (answer: string): Kept => {
  const { id, planHash } = JSON.parse(answer) as { id: string; planHash: string };
  return { remediationId: id, remediationHash: planHash };
};
const about =
  (body: (kept: Kept, world: RouteWorld) => Record<string, unknown>): Step["ask"] =>
  (kept, world) => ({ params: { requestId: kept.remediationId ?? "" }, body: body(kept, world) });
const because = about(() => ({ reason: REASON }));

export const REMEDIATION: readonly Step[] = [
  {
    route: "PUT /api/v1/nodes/[nodeId]/sacrificial",
    ask: (_, { nodeId }) => ({ params: { nodeId }, body: { reason: REASON, until: until() } }),
  },
  {
    route: "POST /api/v1/nodes/[nodeId]/sacrificial/end",
    ask: (_, { nodeId }) => ({ params: { nodeId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/remediations",
    ask: (_, { suspects }) => ({
      body: { action: "quarantine", targets: { nodeIds: suspects }, reason: REASON },
    }),
    keep: planOf,
  },
  {
    route: "POST /api/v1/remediations/[requestId]/claim",
    by: second,
    ask: about(() => ({ claim: true })),
  },
  {
    route: "POST /api/v1/remediations/[requestId]/narrow",
    by: second,
    ask: about(({ remediationHash = "" }, { suspects }) => ({
      planHash: remediationHash,
      nodeIds: suspects.slice(1),
      reason: REASON,
    })),
    keep: planOf,
  },
  {
    route: "POST /api/v1/remediations/[requestId]/delegate",
    by: second,
    // The keeper is a viewer, and nobody else is there.
    ask: about((_, { keeper }) => ({ to: keeper.userId, reason: REASON })),
    refusedWith: "user/not-found",
  },
  {
    route: "POST /api/v1/remediations/[requestId]/votes",
    by: second,
    ask: about(({ remediationHash = "" }) => ({
      decision: "approve",
      planHash: remediationHash,
      reason: REASON,
    })),
  },
  {
    route: "POST /api/v1/remediations/[requestId]/retry",
    ask: because,
    refusedWith: "remediation/wrong-state",
  },
  { route: "POST /api/v1/remediations/[requestId]/cancel", ask: because },
  {
    route: "POST /api/v1/remediations/break-glass",
    ask: (_, { suspects }) => ({
      body: { action: "quarantine", targets: { nodeIds: suspects }, reason: REASON },
    }),
    keep: planOf,
  },
  { route: "POST /api/v1/remediations/[requestId]/abort", ask: because },
  {
    route: "POST /api/v1/remediations/[requestId]/review",
    by: second,
    ask: about(() => ({ decision: "ratified", note: REASON })),
  },
  {
    route: "POST /api/v1/remediations/pauses",
    ask: () => ({ body: { scope: "automatic", reason: REASON, until: until() } }),
    keep: (answer) => ({ pauseId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    route: "POST /api/v1/remediations/pauses/[pauseId]/end",
    ask: ({ pauseId = "" }) => ({ params: { pauseId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/remediations/drills",
    ask: (_, { suspects }) => ({
      body: { action: "quarantine", targets: { nodeIds: suspects }, reason: REASON },
    }),
  },
  {
    route: "PUT /api/v1/remediations/automatic",
    ask: () => ({ body: { mode: "shadow", revision: 0, reason: REASON } }),
  },
  {
    route: "PUT /api/v1/remediations/approver-groups/[group]",
    ask: (_, { second: one }) => ({ params: { group: "security" }, body: { members: [one.userId] } }),
  },
  {
    route: "PUT /api/v1/remediations/limits",
    ask: (_, { home }) => ({
      body: { trustDomainId: home, version: 0, limits: BUILT_IN_LIMITS, reason: REASON },
    }),
  },
];
