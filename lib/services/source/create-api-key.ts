/** Giving a source a key to send with. */
import { z } from "zod";
import { apiKeyInsert } from "#db/queries/api-key";
import { sourceLock } from "#db/queries/source";
import { CreateApiKeyBody, type CreatedApiKey } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { newApiKeySecret } from "./api-key-secret.ts";
import { apiKeyView } from "./view.ts";

const DAY_MS = 86_400_000;

/**
 * Create an API key. The answer is the only time that the secret can be read.
 *
 * @throws {ProblemError} `source/not-found`
 */
export const createApiKey = command({
  name: "api_key.create",
  permission: "source:manage",
  input: CreateApiKeyBody.extend({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, { actor, now }, { sourceId, scopes, expiresInDays }) {
    const source = await sourceLock(tx, actor.trustDomainIds, sourceId);
    if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
    const createdAt = now();
    const { secret, prefix, sha256 } = newApiKeySecret();
    const row = await apiKeyInsert(tx, {
      id: uuidv7(createdAt),
      trustDomainId: source.trustDomainId,
      sourceId,
      prefix,
      secretSha256: sha256,
      scopes: [...new Set(scopes)],
      createdAt,
      expiresAt: new Date(createdAt.getTime() + expiresInDays * DAY_MS),
    });
    const key = apiKeyView(row);
    const result: CreatedApiKey = { key, secret };
    return {
      result,
      audit: {
        trustDomainId: source.trustDomainId,
        entity: "api_key",
        entityId: row.id,
        before: null,
        after: { ...key, sourceId },
      },
    };
  },
});
