/** What the audit log says of a mapping. */
import type { MappingRow } from "#db/queries/own-framework";

export function mappingSaid({
  kind,
  measures,
  covers,
  notCovered,
  reason,
}: Pick<MappingRow, "kind" | "measures" | "covers" | "notCovered" | "reason">) {
  return kind === "measures" ? { kind, measures, covers, notCovered } : { kind, reason };
}
