import { z } from "zod";
import { CreateApiKeyBody, CreatedApiKey } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { createApiKey } from "#lib/services/source/create-api-key";

/** POST /api/v1/sources/{sourceId}/api-keys — a new key; the secret is shown once. */
export const POST = route({
  permission: "source:manage",
  operation: "api_key.create",
  summary: "Create an API key for a source",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: CreateApiKeyBody },
  output: CreatedApiKey,
  status: 201,
  handle: (ctx, { params, body }) => createApiKey(ctx, { ...body, ...params }),
});
