import { createHash } from "node:crypto";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { ReportSnapshotSchema } from "#lib/contracts/report-snapshot";
import { REPORT_FORMATS } from "#lib/domain/report/report";
import { type ReportSnapshot, snapshotText } from "#lib/domain/report/snapshot";
import type { FormatInput } from "#lib/report/contract";
import { fontsOf, textOf } from "#tests/pdf-text";
import { aMeasure, aRow, aSnapshot } from "#tests/report-samples";
import { REPORT_FILES } from "./registry.ts";
import { length } from "./words.ts";

const HOSTILE = [
  '=HYPERLINK("http://evil.example","x")',
  "+cmd|' /C calc'!A0",
  "@SUM(1)",
  "-1+1",
  "\t=1+1",
  "</t></si><script>alert(1)</script>",
  "(a) Tj ET /JavaScript (x)",
  'a\r\nb,c;d"e',
  "\u202egnp.exe",
  "\u0000\u0001\ufffe",
  "名前 🦊",
] as const;

function inputOf(snapshot: ReportSnapshot): FormatInput {
  const text = snapshotText(snapshot);
  return { snapshot, text, digest: createHash("sha256").update(text).digest("hex"), evidence: "sample" };
}
const written = async (id: string, snapshot: ReportSnapshot): Promise<Buffer> => {
  const format = REPORT_FILES.find((one) => one.id === id);
  if (!format) throw new Error(`no format ${id}`);
  return format.write(inputOf(snapshot));
};
const withNames = (names: readonly string[]) =>
  aSnapshot({
    title: names[0] ?? "none",
    rows: { M01: names.map((name) => aRow({ key: name, name, detail: name, verdict: "missed" })) },
  });

describe("every form", () => {
  it("has a writer, and is the same to the byte whenever it is written", async () => {
    // The pack is written where the database is.
    expect([...REPORT_FILES.map(({ id }) => id), "zip"]).toEqual([...REPORT_FORMATS]);
    for (const { id } of REPORT_FILES) {
      const [first, second] = [await written(id, aSnapshot()), await written(id, aSnapshot())];
      expect(first.equals(second), id).toBe(true);
      expect((await written(id, aSnapshot({ title: "Another" }))).equals(first), id).toBe(id === "csv");
    }
  });

  it("can be written of names that others chose to harm", async () => {
    for (const { id } of REPORT_FILES)
      expect((await written(id, withNames(HOSTILE))).length).toBeGreaterThan(0);
  });
});

describe("JSON", () => {
  it("is the snapshot, and its digest the report's", async () => {
    const snapshot = withNames(HOSTILE);
    const bytes = await written("json", snapshot);
    expect(ReportSnapshotSchema.parse(JSON.parse(bytes.toString("utf8")))).toEqual(snapshot);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(inputOf(snapshot).digest);
  });
});

describe("CSV", () => {
  it("has one line per row, and no cell that calculates", async () => {
    const lines = (await written("csv", withNames(HOSTILE.filter((name) => !/[\r\n]/.test(name)))))
      .toString("utf8")
      .split("\r\n");
    expect(lines[0]).toContain("measure,measureTitle,verdict");
    for (const cell of lines
      .slice(1)
      .join(",")
      .split(/,(?=")/))
      expect(cell).not.toMatch(/^"\s*[=+@-]/);
  });
});

describe("XLSX", () => {
  it("holds texts and numbers only, the same as the snapshot, and no formula", async () => {
    const files = unzipSync(await written("xlsx", withNames(HOSTILE)));
    const all = Object.values(files)
      .map((file) => strFromU8(file))
      .join("\n");
    expect(all).not.toMatch(/<f[ >]/);
    expect(all).not.toContain("<script>");
    const unwritable = [...all].filter(
      (sign) => sign < "\t" || (sign > "\r" && sign < " ") || sign === "\ufffe",
    );
    expect(unwritable).toEqual([]);
    expect(all).toContain("'=HYPERLINK");
    expect(all).toContain("名前 🦊");
    expect(Object.keys(files).filter((name) => name.includes("worksheets/sheet")).length).toBe(4);
    expect(Object.keys(files).some((name) => /vba|externalLink/i.test(name))).toBe(false);
  });
});

describe("PDF", () => {
  it("shows title, period, digest, statuses, figures, notes and rows as text, tagged, in its language", async () => {
    const snapshot = aSnapshot({ measures: [aMeasure()], rows: { M01: [aRow({ name: "web-1" })] } });
    const pdf = await written("pdf", snapshot);
    const text = textOf(pdf);
    for (const wanted of [
      "First quarter",
      "2026-01-01 00:00:00 UTC to 2026-03-01 13:00:00 UTC, exclusive",
      inputOf(snapshot).digest,
      "Fail 0   No evidence 0   Manual 0   N/A 0   Pass 1",
      "1 met of 1 nodes; missed 0; stale 0; not covered 0; exempt 0",
      "Exception by ada@example.test",
      "web-1",
    ]) {
      expect(text.replaceAll("\n", ""), wanted).toContain(wanted.slice(0, 60));
    }
    const raw = pdf.toString("latin1");
    expect(raw).toContain("/Lang (en)");
    expect(raw).toContain("/Marked true");
    expect(raw).toContain("/S /TH");
  });

  it("holds no script, link or form, whatever names say, and writes what cannot be seen as numbers", async () => {
    const pdf = await written("pdf", withNames(HOSTILE));
    const raw = pdf.toString("latin1");
    for (const never of [
      "/JavaScript",
      "/JS",
      "/OpenAction",
      "/URI",
      "/AcroForm",
      "/Launch",
      "/EmbeddedFile",
    ]) {
      expect(raw.includes(`${never} `) && !raw.includes(`(a\\) Tj ET`), never).toBe(false);
    }
    expect(textOf(pdf).replaceAll("\n", "")).toContain("\\u{202e}gnp.exe");
  });

  it("says names in the scripts of the world as they are, to whoever extracts them, and embeds what shows them", async () => {
    const names = ["Αθήνα-1", "Київ-2", "节点-3", "サーバー-4", "서버-5", "Žižkov-6", "😀-7"];
    const pdf = await written("pdf", withNames([...names, "🦊-8"]));
    const text = textOf(pdf).replaceAll("\n", "");
    for (const name of names) expect(text).toContain(name);
    expect(text).toContain("\\u{1f98a}-8");
    const fonts = [...fontsOf(pdf).values()];
    expect(fonts.map(({ name }) => name.replace(/^[A-Z]{6}\+/, "")).sort()).toEqual([
      "DejaVuSans",
      "DejaVuSans-Bold",
      "UnifontMedium",
    ]);
    // A part each: the whole fonts have 14 MB.
    for (const { embedded } of fonts) {
      expect(embedded).toBeGreaterThan(1_000);
      expect(embedded).toBeLessThan(120_000);
    }
    expect(pdf.toString("latin1")).not.toContain("/BaseFont /Helvetica");
    expect(pdf.toString("latin1")).not.toContain("/Subtype /Type1");
  });

  it("leaves out fonts that it does not use", async () => {
    const names = [...fontsOf(await written("pdf", aSnapshot())).values()].map(({ name }) => name);
    expect(names.some((name) => name.includes("Unifont"))).toBe(false);
  });

  it("prints ten thousand rows and says how many there are", async () => {
    const rows = Array.from({ length: 10_050 }, (_, at) => aRow({ key: `${at}`, name: `node-${at}` }));
    const started = performance.now();
    const pdf = await written("pdf", aSnapshot({ rows: { M01: rows } }));
    expect(performance.now() - started).toBeLessThan(60_000);
    const text = textOf(pdf);
    expect(text).toContain("node-9999");
    expect(text).not.toContain("node-10000");
    expect(text.replaceAll("\n", "")).toContain("10,050 rows. The first 10,000 are printed");
  }, 120_000);
});

describe("a length", () => {
  it("is told without rounding", () => {
    expect([length(0), length(1), length(61_001), length(90_000_000)]).toEqual([
      "0",
      "1 ms",
      "1 min 1 s 1 ms",
      "1 d 1 h",
    ]);
  });
});
