/** What preparing reports needs of this installation. */
import "server-only";
import type { ReportTools } from "#lib/report/contract";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { VERSION } from "./version.ts";

export function reportTools(): ReportTools {
  return { formats: REPORT_FILES, productVersion: VERSION };
}
