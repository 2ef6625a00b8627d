/** Pieces that several resources of the HTTP API share. */
import { z } from "zod";
import { TIERS } from "#lib/domain/ar4si";
import { TRUST_STATUSES } from "#lib/domain/trust-status";
import { COVERAGE, OUTCOMES } from "#lib/domain/verdict";

/** An instant on the wire: ISO 8601 in UTC with milliseconds. There is no year 0 in the database. */
export const Instant = z.iso
  .datetime()
  .refine((text) => !text.startsWith("0000"), "The year 0 does not exist");
export const Uuid = z.uuid();
export const Status = z.enum(TRUST_STATUSES);
export const TierName = z.enum(TIERS);
export const OutcomeName = z.enum(OUTCOMES);
export const CoverageName = z.enum(COVERAGE);
/** Eight signed bytes in the order of the AR4SI claims. */
export const Vector = z.array(z.int().min(-128).max(127)).length(8);

/** Opaque position in a list; only ever passed back as it came. */
export const Cursor = z.string().max(512);

export const ReasonView = z.strictObject({
  code: z.string(),
  component: z.string().optional(),
  got: z.string().optional(),
  expected: z.string().optional(),
  detail: z.string().optional(),
});
export type ReasonView = z.infer<typeof ReasonView>;

/** The problem document of every refusal (RFC 9457). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
