/** The report as a workbook: what it is about, controls, measures, rows. Every cell is a text or a number. */
import { unzipSync, type Zippable, zipSync } from "fflate";
import writeExcelFile, { type Row, type Sheet } from "write-excel-file/node";
import { neutralText } from "#lib/domain/neutral-cell";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import type { ReportFormat } from "#lib/report/contract";
import { type Cell, ROW_COLUMNS, rowCells } from "./row-table.ts";
import {
  count,
  facts,
  figure,
  NOTE_NAMES,
  parts,
  resultName,
  STATUS_NAMES,
  utc,
  version,
  wanted,
} from "./words.ts";

/** Rows of one workbook: spreadsheets get slow, and writing one holds all of it. */
const ROWS_MAX = 50_000;
/** Longest text of a cell. */
const TEXT_MAX = 32_000;
/** The first instant that a ZIP archive can name, by the clock of wherever this runs: always the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

export const xlsxFormat: ReportFormat = {
  id: "xlsx",
  async write({ snapshot, digest }) {
    const sheets = [
      { sheet: "Report", data: reportSheet(snapshot, digest) },
      ...(snapshot.framework ? [{ sheet: "Controls", data: controlSheet(snapshot) }] : []),
      { sheet: "Measures", data: measureSheet(snapshot) },
      { sheet: "Rows", data: rowSheet(snapshot) },
    ] satisfies Sheet<never>[];
    const written = await writeExcelFile(
      sheets as unknown as Parameters<typeof writeExcelFile>[0],
    ).toBuffer();
    return timeless(written);
  },
};

function reportSheet(snapshot: ReportSnapshot, digest: string): Row[] {
  const all = Object.values(snapshot.rows).reduce((sum, rows) => sum + rows.length, 0);
  const held =
    all <= ROWS_MAX
      ? `all ${count(all)}`
      : `the first ${count(ROWS_MAX)} of ${count(all)}; the CSV file has all`;
  return table(
    ["What", "Says"],
    [
      ...facts(snapshot, digest),
      ["Rows in this file", held],
      ...snapshot.policies.map((one) => ["Policy that was enforced", version(one)]),
      ...snapshot.baselines.map((one) => ["Baseline in force", version(one)]),
    ],
  );
}

function controlSheet({ controls }: ReportSnapshot): Row[] {
  return table(
    ["Control", "Asks for", "Status", "Period before", "Measures", "Not covered", "Exceptions and notes"],
    controls.map(({ id, line, status, previousStatus, measures, notCovered, notes }) => [
      ...[id, line, STATUS_NAMES[status], previousStatus && STATUS_NAMES[previousStatus]],
      ...[measures.join(", "), notCovered],
      notes
        .map(({ kind, verdict, reason, madeBy, expiresAt }) => {
          const found = verdict === null ? "" : ` (${verdict})`;
          return `${NOTE_NAMES[kind]}${found} by ${madeBy ?? "somebody"} until ${utc(expiresAt)}: ${reason}`;
        })
        .join("\n"),
    ]),
  );
}

const TOTALS = [
  "met",
  "missed",
  "stale",
  "notCovered",
  "exempt",
  "denominator",
  "open",
  "n",
  "basis",
] as const;

function measureSheet({ measures }: ReportSnapshot): Row[] {
  const names = ["Measure", "Title", "Question", "Result", "Figure", "Wanted", "Made of", "Period before"];
  return table(
    [...names, ...TOTALS, "How it was computed", "Not covered", "Why there is no data"],
    measures.map((measure) => [
      ...[measure.id, measure.title, measure.question, resultName(measure.result)],
      ...[figure(measure, measure.totals), wanted(measure), parts(measure, measure.totals)],
      measure.previous && figure(measure, measure.previous),
      ...TOTALS.map((part) => measure.totals[part]),
      ...[measure.how, measure.notCovered, measure.reason],
    ]),
  );
}

function rowSheet(snapshot: ReportSnapshot): Row[] {
  const cells: Cell[][] = [];
  for (const row of rowCells(snapshot)) {
    if (cells.length === ROWS_MAX) break;
    cells.push(row);
  }
  return table(ROW_COLUMNS, cells);
}

function table(names: readonly string[], rows: readonly (readonly Cell[])[]): Row[] {
  const head = names.map((value) => ({ value, type: String, fontWeight: "bold" as const }));
  return [head, ...rows.map((row) => row.map(cell))];
}

function cell(value: Cell): Row[number] {
  if (value === null || value === "") return null;
  return typeof value === "number"
    ? { value, type: Number }
    : { value: printable(neutralText(value)).slice(0, TEXT_MAX), type: String };
}

/** XML has no way to write some characters; they are named instead. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu,
      (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`,
    );
}

/** The same archive without the time at which it was packed. */
function timeless(archive: Uint8Array): Buffer {
  const files = unzipSync(archive);
  const sorted: Zippable = {};
  for (const name of Object.keys(files).sort()) {
    const content = files[name];
    if (content) sorted[name] = content;
  }
  return Buffer.from(zipSync(sorted, { mtime: NO_TIME, level: 6 }));
}
