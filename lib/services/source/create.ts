/** Configuring a new sender. */
import { sourceFind, sourceInsert, sourceKeyInsert, sourceKeyList } from "#db/queries/source";
import type { Sealer } from "#db/sealing";
import { CreateSourceBody, type SourceView } from "#lib/contracts/source";
import { defaultAuthority } from "#lib/domain/lifecycle-authority";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import type { SourceKind } from "./kinds.ts";
import { auditedKey, keyRowsOf, NO_SEALER, readKeys } from "./register-keys.ts";
import { sourceView } from "./view.ts";

/**
 * Create a source with its public keys and shared secrets.
 *
 * @param kinds the registered kinds, from the composition root; they give the defaults
 * @param sealer needed only for a source with secrets
 * @throws {ProblemError} `source/name-taken`; `request/invalid` for an unknown kind or a bad key
 */
export function createSource(
  ctx: ServiceContext,
  body: CreateSourceBody,
  kinds: readonly SourceKind[],
  sealer: Sealer = NO_SEALER,
): Promise<SourceView> {
  const create = command({
    name: "source.create",
    permission: "source:manage",
    input: CreateSourceBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, input) {
      const kind = kinds.find((known) => known.kind === input.kind);
      if (!kind) throw unknownKind(input.kind, kinds);
      const authority = defaultAuthority(kind.kind);
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
        ...limitOf(input.staleAfterMs, kind.defaults.staleAfterMs),
        authoritativeFor: [...new Set(input.authoritativeFor ?? authority.authoritativeFor)],
        introducesNodes: input.introducesNodes ?? authority.introducesNodes,
        disabledAt: null,
        createdAt,
      };
      if (!(await sourceInsert(tx, row))) {
        throw new ProblemError("source/name-taken", `There is a source called "${input.name}" already.`);
      }
      const place = { trustDomainId, sourceId: id };
      const keys = keyRowsOf(readKeys(kind, input), place, "active", createdAt, sealer);
      await sourceKeyInsert(tx, keys);
      const stored = await sourceFind(tx, [trustDomainId], id);
      if (!stored) throw new Error("The source was not stored");
      const result = sourceView(stored, {
        asOf: null,
        keys: await sourceKeyList(tx, [trustDomainId]),
        apiKeys: [],
        traffic: undefined,
        facts: undefined,
        findings: [],
        progress: [],
        kinds,
        now: createdAt,
      });
      const after = { ...row, keys: keys.map(auditedKey) };
      return { result, audit: { trustDomainId, entity: "source", entityId: id, before: null, after } };
    },
  });
  return create(ctx, body);
}

/** A limit that nobody set is learnt, beginning with the kind's own; a kind without cadence has none. */
function limitOf(asked: number | null | undefined, byDefault: number | null) {
  if (asked !== undefined || byDefault === null) {
    return { limitMode: "fixed", staleAfterMs: asked ?? null };
  }
  const initial = { limitInitialMs: byDefault, limitFromMs: [0], limitMs: [byDefault] };
  return { limitMode: "learnt", staleAfterMs: byDefault, ...initial };
}

function unknownKind(kind: string, kinds: readonly SourceKind[]): ProblemError {
  const detail = `There is no kind "${kind}". Use ${kinds.map((known) => known.kind).join(", ")}.`;
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/kind", detail }] });
}
