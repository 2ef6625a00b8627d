/** The snapshot itself, in its canonical form: its digest is the report's. */
import type { ReportFormat } from "#lib/report/contract";

export const jsonFormat: ReportFormat = {
  id: "json",
  write: ({ text }) => Promise.resolve(Buffer.from(text, "utf8")),
};
