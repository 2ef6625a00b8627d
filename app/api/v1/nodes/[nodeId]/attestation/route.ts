import { z } from "zod";
import { AttestationQuery } from "#lib/contracts/attestation";
import { env } from "#lib/server/env";
import { attachment } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { sealer } from "#lib/server/secret";
import { VERSION } from "#lib/server/version";
import { attestNode } from "#lib/services/node/attest";

/** GET /api/v1/nodes/{nodeId}/attestation — what is known about the node now, signed by the installation. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.attest",
  summary: "A signed statement about the node: SLSA summary, test result or EAR",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: AttestationQuery },
  output: null,
  async handle(ctx, { params: { nodeId }, query: { format } }) {
    const tools = { sealer: sealer(), verifier: { id: env().url, version: VERSION } };
    const { mediaType, text } = await attestNode(ctx, { nodeId, format }, tools);
    return attachment(text, {
      name: `node-${nodeId}.${format === "ear" ? "jwt" : `${format}.json`}`,
      mediaType,
    });
  },
});
