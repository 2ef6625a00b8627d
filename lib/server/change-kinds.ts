/** The kinds of changes that need a second person; a new one is a line here. */
import "server-only";
import type { ChangeKind } from "#lib/services/change-request/kinds";
import { rebindNode } from "#lib/services/identity/rebind";

const KINDS: readonly ChangeKind[] = [rebindNode];

export function changeKinds(): readonly ChangeKind[] {
  return KINDS;
}
