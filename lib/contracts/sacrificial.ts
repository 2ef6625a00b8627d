/** Marks of nodes on which recipes may be drilled for real. */
import { z } from "zod";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { Instant } from "./common.ts";
import { presentQuery } from "./time.ts";

const Reason = z.string().trim().min(REMEDIATION_REASON_MIN).max(1_000);

export const MarkSacrificialBody = z.strictObject({
  reason: Reason,
  /** When the mark ends by itself; 30 days ahead at most. */
  until: Instant,
});
export type MarkSacrificialBody = z.infer<typeof MarkSacrificialBody>;

export const EndMarkBody = z.strictObject({ reason: Reason });
export type EndMarkBody = z.infer<typeof EndMarkBody>;

export const SacrificialView = z.strictObject({
  /** `null` = recipes are not drilled on the node. */
  mark: z.strictObject({ reason: z.string(), by: z.string(), since: Instant, until: Instant }).nullable(),
});
export type SacrificialView = z.infer<typeof SacrificialView>;

export const SacrificialQuery = z.strictObject(
  presentQuery("a mark holds now; when it was made and ended stands in the audit log."),
);
