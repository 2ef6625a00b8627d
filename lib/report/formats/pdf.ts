/**
 * The report for paper: tagged, with times in UTC. It holds no script, no link and no form.
 *
 * The fonts are those that every reader has. A sign that they lack is written as its number, as are signs that are
 * invisible or change the order of reading.
 */
import PDFDocument from "pdfkit";
import { CONTROL_STATUSES } from "#lib/domain/measure/control";
import type { ReportControl, ReportMeasure, ReportSnapshot } from "#lib/domain/report/snapshot";
import type { FormatInput, ReportFormat } from "#lib/report/contract";
import { ByteBlocks } from "./byte-blocks.ts";
import { cutter, printable } from "./pdf-text.ts";
import { annexRows } from "./row-table.ts";
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

/** Rows that are printed; the other files have all. */
const ROWS_MAX = 10_000;
/** Rows of one page of the annex, below its head; the first page has a heading above them. */
const ROWS_OF_PAGE = 33;
const ROW_HEIGHT = 13;
const MARGIN = 42;
const BODY = "Helvetica";
const BOLD = "Helvetica-Bold";

type Doc = InstanceType<typeof PDFDocument>;
type Element = ReturnType<Doc["struct"]>;
/** A document, and the element that what is written becomes a part of. */
type Page = { doc: Doc; root: Element };

type Cut = ReturnType<typeof cutter>;

export const pdfFormat: ReportFormat = { id: "pdf", write };

async function write({ snapshot, digest }: FormatInput): Promise<Buffer> {
  const made = new Date(snapshot.generatedAt);
  const doc = new PDFDocument({
    ...{ size: "A4", margin: MARGIN, tagged: true, lang: "en", displayTitle: true, pdfVersion: "1.7" },
    info: {
      Title: printable(snapshot.title),
      Author: `Touchstone ${snapshot.productVersion}`,
      Subject: `Compliance report, SHA-256 ${digest}`,
      ...{ CreationDate: made, ModDate: made },
    },
  });
  const bytes = new ByteBlocks();
  doc.on("data", (piece: Buffer) => bytes.add(piece));
  const ended = new Promise<void>((resolve, reject) => {
    doc.on("end", resolve);
    doc.on("error", reject);
  });
  const root = doc.struct("Document");
  doc.addStructure(root);
  const page = { doc, root };
  front(page, snapshot, digest);
  controls(page, snapshot);
  for (const measure of snapshot.measures) measureOf(page, measure);
  await annex(page, snapshot);
  root.end();
  doc.end();
  await ended;
  return bytes.all();
}

function front(page: Page, snapshot: ReportSnapshot, digest: string): void {
  heading(page, "H1", snapshot.title, 18);
  for (const [name, value] of facts(snapshot, digest)) fact(page, name, value);
  heading(page, "H2", "What counted", 13);
  for (const one of snapshot.policies) fact(page, "Policy that was enforced", version(one));
  if (snapshot.policies.length === 0) fact(page, "Policy", "the one that ships with the product decided");
  for (const one of snapshot.baselines) fact(page, "Baseline in force", version(one));
  if (snapshot.baselines.length === 0) fact(page, "Baselines", "none was in force");
}

/** Five counts that are never added up, then every control. */
function controls(page: Page, { framework, controls: all }: ReportSnapshot): void {
  if (!framework) return;
  heading(page, "H2", `Controls of ${framework.title}`, 13);
  const counts = CONTROL_STATUSES.map((status) => {
    const found = all.filter((control) => control.status === status).length;
    return `${STATUS_NAMES[status]} ${count(found)}`;
  });
  paragraph(page, `${counts.join("   ")}. The five are never merged.`);
  for (const control of all) controlOf(page, control);
}

function controlOf(page: Page, control: ReportControl): void {
  const { id, line, status, previousStatus, measures, notCovered, notes } = control;
  heading(page, "H3", `${id}  ${STATUS_NAMES[status]}`, 10);
  const from = measures.length === 0 ? "No measure speaks to it" : `Measures: ${measures.join(", ")}`;
  const before = previousStatus === null ? "" : ` Period before: ${STATUS_NAMES[previousStatus]}.`;
  paragraph(page, `${line}. ${from}.${before}`);
  paragraph(page, `Not covered: ${notCovered}`);
  for (const { kind, verdict, reason, madeBy, madeAt, expiresAt } of notes) {
    const found = verdict === null ? "" : ` (${verdict})`;
    const who = `${madeBy ?? "somebody"}, ${utc(madeAt)}, until ${utc(expiresAt)}`;
    paragraph(page, `${NOTE_NAMES[kind]}${found} by ${who}: ${reason}`);
  }
}

function measureOf(page: Page, measure: ReportMeasure): void {
  const { id, title, question, result, reason, totals, previous, how, notCovered } = measure;
  heading(page, "H2", `${id}  ${title}: ${resultName(result)}`, 12);
  paragraph(page, question);
  fact(page, "Figure", figure(measure, totals));
  fact(page, "Wanted", wanted(measure));
  fact(page, "Made of", parts(measure, totals));
  if (previous) fact(page, "Period before", `${figure(measure, previous)}; ${parts(measure, previous)}`);
  if (reason !== null) fact(page, "Why there is no data", reason);
  fact(page, "How it was computed", how);
  fact(page, "Not covered", notCovered);
}

const COLUMNS = [62, 78, 220, 118, 130, 150];

/** One table per page, each with its head, so that a page can be read by itself. */
async function annex(page: Page, snapshot: ReportSnapshot): Promise<void> {
  const { doc, root } = page;
  const all = Object.values(snapshot.rows).reduce((sum, rows) => sum + rows.length, 0);
  const rows = annexRows(snapshot, ROWS_MAX);
  doc.addPage({ size: "A4", layout: "landscape", margin: MARGIN });
  heading(page, "H2", "Annex: rows that the figures rest on", 13);
  const rest =
    all > rows.length ? ` The first ${count(rows.length)} are printed; the other files hold all.` : "";
  paragraph(page, `${count(all)} rows.${rest}`);
  let cut: Cut | undefined;
  const head = ["Measure", "Counts as", "What", "Weight or length", "When", "Why"];
  for (let at = 0; at < rows.length; at += ROWS_OF_PAGE) {
    if (at > 0) doc.addPage({ size: "A4", layout: "landscape", margin: MARGIN });
    const table = doc.struct("Table");
    root.add(table);
    doc.font(BOLD).fontSize(7);
    row({ doc, root: table }, "TH", head, String);
    doc.font(BODY);
    cut ??= cutter(doc);
    for (const cells of rows.slice(at, at + ROWS_OF_PAGE)) row({ doc, root: table }, "TD", cells, cut);
    table.end();
    // Others have their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One line of a table, cut to its columns: a row never wraps, so each page holds as many. */
function row({ doc, root }: Page, tag: "TH" | "TD", cells: readonly string[], cut: Cut): void {
  const line = doc.struct("TR");
  root.add(line);
  const y = doc.y;
  let x = MARGIN;
  for (const [column, text] of cells.entries()) {
    const [width, left] = [COLUMNS[column] ?? 0, x];
    const shown = cut(text, width - 6);
    line.add(doc.struct(tag, {}, () => void doc.text(shown, left, y, { lineBreak: false })));
    x += width;
  }
  line.end();
  doc.x = MARGIN;
  doc.y = y + ROW_HEIGHT;
}

function heading({ doc, root }: Page, tag: "H1" | "H2" | "H3", text: string, size: number): void {
  if (doc.y > doc.page.height - MARGIN - size * 5) doc.addPage();
  doc.moveDown(0.6);
  root.add(
    doc.struct(tag, {}, () => {
      doc.font(BOLD).fontSize(size).text(printable(text));
    }),
  );
  doc.font(BODY).fontSize(9);
}

function paragraph({ doc, root }: Page, text: string): void {
  root.add(
    doc.struct("P", {}, () => {
      doc.font(BODY).fontSize(9).text(printable(text));
    }),
  );
}

function fact({ doc, root }: Page, name: string, value: string): void {
  root.add(
    doc.struct("P", {}, () => {
      doc
        .font(BOLD)
        .fontSize(9)
        .text(`${printable(name)}: `, { continued: true });
      doc.font(BODY).text(printable(value));
    }),
  );
}
