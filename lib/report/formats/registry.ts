/** Every form that a report is written in. A new one is one file, one id in `lib/domain/report/report.ts`, one line here. */
import type { ReportFormat } from "#lib/report/contract";
import { csvFormat } from "./csv.ts";
import { jsonFormat } from "./json.ts";

export const REPORT_FILES: readonly ReportFormat[] = [jsonFormat, csvFormat];
