/**
 * The report for paper: tagged, with times in UTC. It holds no script, no link and no form.
 *
 * Of its fonts it embeds what it uses, so that it looks and reads the same everywhere and for as long as it is kept. A
 * sign that they lack is written as its number, as are signs that are invisible, lie over others, or change the order of
 * reading. The JSON file has every name as it is.
 */
import PDFDocument from "pdfkit";
import { CONTROL_STATUSES } from "#lib/domain/measure/control";
import type { ReportControl, ReportMeasure, ReportSnapshot } from "#lib/domain/report/snapshot";
import type { FormatInput, ReportFormat } from "#lib/report/contract";
import { ByteBlocks } from "./byte-blocks.ts";
import { faceOf } from "./pdf-fonts.ts";
import { cutTo, printable, type Run, runsOf, widthOf } from "./pdf-text.ts";
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
const CELL_SIZE = 6.5;
const TEXT_SIZE = 8.5;

type Doc = InstanceType<typeof PDFDocument>;
type Element = ReturnType<Doc["struct"]>;
/** A document, and the element that what is written becomes a part of. */
type Page = { doc: Doc; root: Element };

export const pdfFormat: ReportFormat = { id: "pdf", write };

async function write({ snapshot, digest }: FormatInput): Promise<Buffer> {
  const made = new Date(snapshot.generatedAt);
  const doc = new PDFDocument({
    ...{ size: "A4", margin: MARGIN, tagged: true, lang: "en", displayTitle: true, pdfVersion: "1.7" },
    // Its lines are laid out sign by sign, and so quickly that to keep them is not worth the memory.
    fontLayoutCache: false,
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
  const head = ["Measure", "Counts as", "What", "Weight or length", "When", "Why"];
  for (let at = 0; at < rows.length; at += ROWS_OF_PAGE) {
    if (at > 0) doc.addPage({ size: "A4", layout: "landscape", margin: MARGIN });
    const table = doc.struct("Table");
    root.add(table);
    row({ doc, root: table }, "TH", head);
    for (const cells of rows.slice(at, at + ROWS_OF_PAGE)) row({ doc, root: table }, "TD", cells);
    table.end();
    // Others have their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One line of a table, cut to its columns: a row never wraps, so each page holds as many. */
function row({ doc, root }: Page, tag: "TH" | "TD", cells: readonly string[]): void {
  const line = doc.struct("TR");
  root.add(line);
  const style = tag === "TH" ? "bold" : "body";
  const y = doc.y;
  let x = MARGIN;
  for (const [column, text] of cells.entries()) {
    const [width, left] = [COLUMNS[column] ?? 0, x];
    const runs = cutTo(style, CELL_SIZE, text, width - 6);
    line.add(doc.struct(tag, {}, () => placed(doc, runs, left, y)));
    x += width;
  }
  line.end();
  doc.x = MARGIN;
  doc.y = y + ROW_HEIGHT;
}

/** Runs on one line, on the line that all fonts stand on. */
function placed(doc: Doc, runs: readonly Run[], left: number, top: number): void {
  let x = left;
  for (const run of runs) {
    use(doc, run.face, CELL_SIZE).text(run.text, x, top + CELL_SIZE + 2, {
      lineBreak: false,
      baseline: "alphabetic",
      features: [],
    });
    x += widthOf(run, CELL_SIZE);
  }
}

function heading({ doc, root }: Page, tag: "H1" | "H2" | "H3", text: string, size: number): void {
  if (doc.y > doc.page.height - MARGIN - size * 5) doc.addPage();
  use(doc, faceOf("body"), size).moveDown(0.6);
  root.add(doc.struct(tag, {}, () => flowing(doc, runsOf("bold", text), size)));
}

function paragraph({ doc, root }: Page, text: string): void {
  root.add(doc.struct("P", {}, () => flowing(doc, runsOf("body", text), TEXT_SIZE)));
}

function fact({ doc, root }: Page, name: string, value: string): void {
  const runs = [...runsOf("bold", `${name}: `), ...runsOf("body", value)];
  root.add(doc.struct("P", {}, () => flowing(doc, runs, TEXT_SIZE)));
}

/** Runs that go on where the one before ended, and wrap. */
function flowing(doc: Doc, runs: readonly Run[], size: number): void {
  for (const [index, { face, text }] of runs.entries())
    use(doc, face, size).text(text, { continued: index < runs.length - 1 });
}

/** The document with a font in use, which it embeds when it is first used. */
function use(doc: Doc, { name, font }: Run["face"], size: number): Doc {
  // It takes opened fonts as well as files of them, which its types do not know.
  doc.registerFont(name, font as unknown as Buffer);
  return doc.font(name).fontSize(size);
}
