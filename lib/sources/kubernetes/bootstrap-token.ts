/** Bootstrap tokens: Secrets that let new nodes ask for a certificate. */
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import type { KubeObject } from "#lib/sources/shared/kube-object";
import { textAt } from "#lib/sources/shared/members";

/** A token was made, or taken back. A token names no node; what is inside it is never looked at. */
export function readBootstrapToken(object: KubeObject): readonly Draft[] {
  if (textAt(object.value, "type") !== "bootstrap.kubernetes.io/token") return [];
  const common = { outcome: "success", method: "bootstrap_token", requestId: object.name } as const;
  if (object.isGone) {
    return [
      draftOf({
        ...common,
        externalId: externalIdOf(object.uid, "revoked"),
        type: "enrollment.token_revoked",
        occurredAtMs: object.deletedAtMs ?? "receipt",
      }),
    ];
  }
  return [
    draftOf({
      ...common,
      externalId: externalIdOf(object.uid, "created"),
      type: "enrollment.token_issued",
      occurredAtMs: object.createdAtMs,
      standing: true,
    }),
  ];
}
