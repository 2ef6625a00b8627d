/** Answers of the ingest endpoints. */
import { z } from "zod";
import { Problem } from "./common.ts";

export const IngestResult = z.strictObject({
  accepted: z.int(),
  duplicate: z.int(),
  /** One entry for each refused event of the batch; the others were stored. */
  rejected: z.array(
    z.strictObject({
      index: z.int(),
      /** The event's own id; `null` when it could not be read. */
      id: z.string().nullable(),
      problem: Problem,
    }),
  ),
});
export type IngestResult = z.infer<typeof IngestResult>;
