/** Lists as files. */
import { z } from "zod";
import { Cursor, Instant } from "./common.ts";
import { presentQuery } from "./time.ts";

export const EXPORTS = [
  "nodes",
  "intervals",
  "drift",
  "incidents",
  "change-requests",
  "remediations",
] as const;
export type ExportName = (typeof EXPORTS)[number];
const EXPORT_FORMATS = ["csv", "jsonl", "ocsf"] as const;

export const ExportQuery = z.strictObject({
  /** `ocsf` = inventory events, of nodes only. */
  format: z.enum(EXPORT_FORMATS),
  /** Of the last whole row that arrived; the export goes on behind it. */
  cursor: Cursor.optional(),
  /** What held at some instant from `from` up to, not including, `to`. Not for nodes. */
  from: Instant.optional(),
  to: Instant.optional(),
  /** Status, class or state, as the rows say it. Not for nodes, whose `q` says it. */
  state: z.string().max(40).optional(),
  /** Search of the list of nodes, and for it alone. */
  q: z.string().max(500).optional(),
  ...presentQuery("this is what is believed now; each row says when it held."),
});
export type ExportQuery = z.infer<typeof ExportQuery>;
