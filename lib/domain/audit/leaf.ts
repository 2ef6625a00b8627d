/**
 * What the log commits to for one audit entry.
 *
 * `before` and `after` go in as digests: a leaf stays small, shows nothing of what was changed, and
 * what must be removed one day can be removed without breaking the tree.
 */
import { canonicalJson } from "./canonical-json.ts";

/** An entry as it is stored; `at` is ISO 8601 in UTC with milliseconds. */
export type AuditRecord = {
  trustDomainId: string;
  id: string;
  at: string;
  actorKind: string;
  actorId: string;
  action: string;
  entity: string;
  entityId: string;
  outcome: string;
  problemCode: string | null;
  before: unknown;
  after: unknown;
  requestId: string;
  address: string | null;
};

/** Version of the leaf's form; another form gets another number, and old leaves keep theirs. */
const LEAF_VERSION = 1;

/** The leaf's bytes as text. @param sha256Hex of a text's UTF-8 bytes */
export function auditLeafText(sha256Hex: (text: string) => string, record: AuditRecord): string {
  const digest = (value: unknown) =>
    value === null || value === undefined ? null : sha256Hex(canonicalJson(value));
  const { before, after, ...rest } = record;
  return canonicalJson({ ...rest, v: LEAF_VERSION, before: digest(before), after: digest(after) });
}
