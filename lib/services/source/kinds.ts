/** What the use cases need to know of the kinds of sources; given by the composition root. */
import type { Source } from "#lib/sources/contract";

export type SourceKind = Pick<Source, "kind" | "label" | "defaults" | "credentialLifeMs" | "secrets">;

/** The kind's label; its stored name when this version does not know the kind. */
export function kindLabel(kinds: readonly SourceKind[], kind: string): string {
  return kinds.find((known) => known.kind === kind)?.label ?? kind;
}
