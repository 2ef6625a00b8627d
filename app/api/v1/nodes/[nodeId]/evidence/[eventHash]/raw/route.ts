import { z } from "zod";
import { EventHash } from "#lib/contracts/node";
import { FixedQuery } from "#lib/contracts/time";
import { attachment } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { nodeRaw } from "#lib/services/node/raw";

/** GET /api/v1/nodes/{nodeId}/evidence/{eventHash}/raw — the received bytes, as a download. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.raw",
  summary: "The received bytes of one verdict",
  schemas: { params: z.strictObject({ nodeId: z.uuid(), eventHash: EventHash }), query: FixedQuery },
  output: null,
  async handle(ctx, { params }) {
    const { bytes, mediaType, sha256 } = await nodeRaw(ctx, params);
    const digest = Buffer.from(sha256, "hex").toString("base64");
    // Never under the sender's own media type: nothing that was sent to us may act in our pages.
    return attachment(Uint8Array.from(bytes), {
      name: `evidence-${params.eventHash.slice(0, 16)}.bin`,
      mediaType: "application/octet-stream",
      headers: {
        "repr-digest": `sha-256=:${digest}:`,
        "x-evidence-media-type": mediaType.replace(/[^\x20-\x7e]/g, "?"),
      },
    });
  },
});
