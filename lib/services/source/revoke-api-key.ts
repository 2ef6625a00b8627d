/** Taking a key away. */
import { z } from "zod";
import { apiKeyLock, apiKeyRevoke } from "#db/queries/api-key";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { apiKeyView } from "./view.ts";

/**
 * Revoke an API key; senders that use it are refused within seconds. Idempotent.
 *
 * @throws {ProblemError} `source/not-found`, also for a key of another source
 */
export const revokeApiKey = command({
  name: "api_key.revoke",
  permission: "source:manage",
  input: z.strictObject({ sourceId: z.uuid(), apiKeyId: z.uuid() }),
  target: ({ apiKeyId }) => apiKeyId,
  async run(tx, { actor, now }, { sourceId, apiKeyId }) {
    const before = await apiKeyLock(tx, actor.trustDomainIds, { sourceId, apiKeyId });
    if (!before) throw new ProblemError("source/not-found", `No API key ${apiKeyId} of source ${sourceId}.`);
    const revokedAt = before.revokedAt ?? now();
    await apiKeyRevoke(tx, apiKeyId, revokedAt);
    const result = apiKeyView({ ...before, revokedAt });
    return {
      result,
      audit: {
        trustDomainId: before.trustDomainId,
        entity: "api_key",
        entityId: apiKeyId,
        before: apiKeyView(before),
        after: result,
      },
    };
  },
});
