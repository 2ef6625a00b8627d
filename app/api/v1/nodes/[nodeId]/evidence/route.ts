import { z } from "zod";
import { EvidencePage, EvidenceQuery } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { nodeEvidence } from "#lib/services/node/evidence";

/** GET /api/v1/nodes/{nodeId}/evidence — verdicts, newest first. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.evidence",
  summary: "Verdicts of a node, newest first",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: EvidenceQuery },
  output: EvidencePage,
  handle: (ctx, { params, query }) => nodeEvidence(ctx, { ...query, ...params }),
});
