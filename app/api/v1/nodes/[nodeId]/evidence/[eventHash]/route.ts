import { z } from "zod";
import { EventHash, VerdictDetail } from "#lib/contracts/node";
import { FixedQuery } from "#lib/contracts/time";
import { route } from "#lib/server/http/route";
import { nodeVerdict } from "#lib/services/node/verdict";

/** GET /api/v1/nodes/{nodeId}/evidence/{eventHash} — one verdict with measurements and claims. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.verdict",
  summary: "One verdict with everything that opens from it",
  schemas: { params: z.strictObject({ nodeId: z.uuid(), eventHash: EventHash }), query: FixedQuery },
  output: VerdictDetail,
  handle: (ctx, { params }) => nodeVerdict(ctx, params),
});
