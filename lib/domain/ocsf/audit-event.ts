/** Parts that events made of audit entries share. */
import type { AuditFact, FeedItem } from "#lib/domain/feed/fact";
import { type Emitter, present } from "./event.ts";

const RESULT = {
  done: { status_id: 1, status: "Success" },
  refused: { status_id: 2, status: "Failure" },
} as const;

/** Success, or a failure with its problem as the code. */
export function resultOf({ outcome, problemCode }: AuditFact): Record<string, unknown> {
  return present({
    ...(outcome === "done" ? RESULT.done : RESULT.refused),
    status_code: problemCode ?? undefined,
  });
}

/** `type_id` 1 = user, 3 = system, 4 = service. */
export function userOf({ actorKind, actorId, actorName }: AuditFact): Record<string, unknown> {
  const [typeId, type] =
    actorKind === "user" ? [1, "User"] : actorKind === "system" ? [3, "System"] : [4, "Service"];
  return present({ uid: actorId, name: actorName ?? undefined, type_id: typeId, type });
}

/** Where the request came from; a name where there was no network. */
export function sourceOf({ address, actorKind }: AuditFact): Record<string, unknown> {
  return address === null || address.length > 40
    ? { name: address === null ? actorKind : "unknown" }
    : { ip: address };
}

/**
 * Where the entry stands in the audit log, for whoever keeps the events and wants to check the log later.
 *
 * The fingerprint is the leaf's hash (RFC 6962, SHA-256), which the log's checkpoints commit to.
 */
export function integrityOf(item: FeedItem, fact: AuditFact, { version }: Emitter) {
  if (version === "1.8.0") return { profiles: undefined, attributes: {} };
  const fingerprint = (value: string) => ({ algorithm_id: 3, algorithm: "SHA-256", value });
  const chain = `touchstone.log/${item.trustDomainId}`;
  return {
    profiles: ["record_integrity"],
    attributes: {
      attestation_list: [
        present({
          uid: `${chain}/${fact.leafIndex}`,
          authority_uid: chain,
          chain_uid: chain,
          fingerprint: fingerprint(fact.leafHash),
          prev_event: fact.previous
            ? { uid: fact.previous.entryId, fingerprint: fingerprint(fact.previous.leafHash) }
            : undefined,
        }),
      ],
    },
  };
}

/** What no class of ours has an attribute for. */
export function restOf(fact: AuditFact): Record<string, unknown> {
  return {
    entity: fact.entity,
    entity_id: fact.entityId,
    before: fact.before ?? undefined,
    after: fact.after ?? undefined,
    request_id: fact.requestId,
    audit_leaf_index: fact.leafIndex,
    audit_leaf_hash: fact.leafHash,
  };
}

/** A member of what the change was, when it is a text. */
export function memberOf(value: unknown, name: string): string | null {
  const member =
    value !== null && typeof value === "object" ? (value as Record<string, unknown>)[name] : null;
  return typeof member === "string" && member !== "" ? member : null;
}
