/** Configuring a new sender. */
import { sourceFind, sourceInsert, sourceKeyInsert, sourceKeyList } from "#db/queries/source";
import { CreateSourceBody, type SourceView } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { readJwks } from "./jwks.ts";
import type { SourceKind } from "./kinds.ts";
import { sourceView } from "./view.ts";

/**
 * Create a source with its public keys.
 *
 * @param kinds the registered kinds, from the composition root; they give the defaults
 * @throws {ProblemError} `source/name-taken`; `request/invalid` for an unknown kind or a bad key
 */
export function createSource(
  ctx: ServiceContext,
  body: CreateSourceBody,
  kinds: readonly SourceKind[],
): Promise<SourceView> {
  const create = command({
    name: "source.create",
    permission: "source:manage",
    input: CreateSourceBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, input) {
      const kind = kinds.find((known) => known.kind === input.kind);
      if (!kind) throw unknownKind(input.kind, kinds);
      const trustDomainId = domainFor(actor);
      const createdAt = now();
      const id = uuidv7(createdAt);
      const row = {
        trustDomainId,
        id,
        kind: kind.kind,
        name: input.name,
        nodeIdPointer: input.nodeIdPointer === undefined ? kind.defaults.nodeIdPointer : input.nodeIdPointer,
        acceptPastMs: input.acceptPastMs ?? kind.defaults.acceptPastMs,
        acceptFutureMs: kind.defaults.acceptFutureMs,
        staleAfterMs: input.staleAfterMs === undefined ? kind.defaults.staleAfterMs : input.staleAfterMs,
        disabledAt: null,
        createdAt,
      };
      if (!(await sourceInsert(tx, row))) {
        throw new ProblemError("source/name-taken", `There is a source called "${input.name}" already.`);
      }
      const keys = readJwks(input.jwks?.keys ?? []).map((key) => ({
        ...key,
        trustDomainId,
        sourceId: id,
        state: "active",
        validFrom: createdAt,
        createdAt,
      }));
      await sourceKeyInsert(tx, keys);
      const stored = await sourceFind(tx, [trustDomainId], id);
      if (!stored) throw new Error("The source was not stored");
      const result = sourceView(stored, {
        asOf: null,
        keys: await sourceKeyList(tx, [trustDomainId]),
        apiKeys: [],
        traffic: undefined,
        kinds,
        now: createdAt,
      });
      const after = { ...row, keys: keys.map(({ kid, alg, jwk }) => ({ kid, alg, jwk })) };
      return { result, audit: { trustDomainId, entity: "source", entityId: id, before: null, after } };
    },
  });
  return create(ctx, body);
}

function unknownKind(kind: string, kinds: readonly SourceKind[]): ProblemError {
  const detail = `There is no kind "${kind}". Use ${kinds.map((known) => known.kind).join(", ")}.`;
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/kind", detail }] });
}
