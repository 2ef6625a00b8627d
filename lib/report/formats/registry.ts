/**
 * Every form that a report is written in. A new one is one file, an id in `lib/domain/report/report.ts`, a line here.
 *
 * The pack, which needs more than the report, is in `lib/services/report/pack.ts`.
 */
import type { ReportFormat } from "#lib/report/contract";
import { csvFormat } from "./csv.ts";
import { jsonFormat } from "./json.ts";
import { pdfFormat } from "./pdf.ts";
import { xlsxFormat } from "./xlsx.ts";

export const REPORT_FILES: readonly ReportFormat[] = [jsonFormat, pdfFormat, xlsxFormat, csvFormat];
