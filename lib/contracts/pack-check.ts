/** Having an evidence pack checked here, as `touchstone verify` does elsewhere. */
import { z } from "zod";
import { PACK_MAX_BYTES } from "#lib/domain/report/pack-limit";
import { Instant } from "./common.ts";

export const CheckPackBody = z.strictObject({
  pack: z
    .base64()
    .max(Math.ceil(PACK_MAX_BYTES / 3) * 4)
    .meta({ description: "The ZIP." }),
  keys: z
    .string()
    .max(65_536)
    .nullable()
    .default(null)
    .meta({ description: "JWK set that the one who checks knows; null = the keys of this installation." }),
});
export type CheckPackBody = z.input<typeof CheckPackBody>;

const Standing = z.enum(["proven", "failed", "not_proven"]);

export const PackCheckView = z.strictObject({
  standing: Standing,
  /** `null` when the report cannot be read. */
  report: z
    .strictObject({
      id: z.string(),
      digest: z.string(),
      title: z.string(),
      period: z.strictObject({ from: Instant, to: Instant }),
      knownAt: Instant,
    })
    .nullable(),
  findings: z.array(z.strictObject({ part: z.string(), standing: Standing, text: z.string() })),
});
export type PackCheckView = z.infer<typeof PackCheckView>;
