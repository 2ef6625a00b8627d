import { z } from "zod";
import { ApiKeyView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { revokeApiKey } from "#lib/services/source/revoke-api-key";

/** DELETE /api/v1/sources/{sourceId}/api-keys/{apiKeyId} — take a key away. */
export const DELETE = route({
  permission: "source:manage",
  operation: "api_key.revoke",
  summary: "Revoke an API key",
  schemas: { params: z.strictObject({ sourceId: z.uuid(), apiKeyId: z.uuid() }) },
  output: ApiKeyView,
  handle: (ctx, { params }) => revokeApiKey(ctx, params),
});
