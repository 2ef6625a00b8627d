import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAMEWORKS } from "#lib/domain/measure/frameworks";
import type { ReportRow, ReportSnapshot } from "#lib/domain/report/snapshot";
import { oscalFaults } from "#tests/oscal-shape";
import { anySnapshot, IMPORTED, nodeIdOf, sampleSnapshot, smallSnapshot } from "#tests/pack-samples";
import { assessmentResults } from "./oscal.ts";
import { componentDefinition } from "./oscal-component.ts";
import { controlToken, uuidOf } from "./oscal-parts.ts";

type Json = Readonly<Record<string, unknown>>;
const documentsOf = (snapshot: ReportSnapshot): Json[] =>
  snapshot.framework
    ? [assessmentResults(snapshot, snapshot.framework), componentDefinition(snapshot, snapshot.framework)]
    : [];

const passingRows = (measure: string): ReportRow[] => [
  {
    ...{ kind: "node", key: `${measure}-1`, nodeId: nodeIdOf(1), name: "one", verdict: "met", weight: 1 },
    ...{ value: null, at: null, detail: "" },
  },
];

/** The one result of the document that is not about components. */
function resultOf(snapshot: ReportSnapshot) {
  const { framework } = snapshot;
  if (!framework) throw new Error("a report without controls has no result");
  const [result] = assessmentResults(snapshot, framework)["assessment-results"].results;
  if (!result) throw new Error("there is no result");
  return result;
}

describe("OSCAL documents of a report", () => {
  it("have the shape that OSCAL asks for, whatever names and notes hold", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        for (const document of documentsOf(snapshot)) expect(oscalFaults(document)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it.each(FRAMEWORKS.map(({ id }) => id))("have a token of its own for each control of %s", (id) => {
    const framework = FRAMEWORKS.find((one) => one.id === id);
    const tokens = framework?.controls.map((control) => controlToken(framework, control.id)) ?? [];
    for (const token of tokens) expect(token).toMatch(/^[a-z][a-z0-9._-]*$/);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it("name controls of NIST SP 800-53 as its own catalogue does", () => {
    const nist = { id: "nist-800-53-r5" };
    expect(["SI-7", "SI-7(9)", "AC-3(2)"].map((id) => controlToken(nist, id))).toEqual([
      "si-7",
      "si-7.9",
      "ac-3.2",
    ]);
  });

  it("name controls of an imported framework by the ids of its document, and say which document it is", () => {
    const snapshot = sampleSnapshot(IMPORTED, () => []);
    const text = JSON.stringify(documentsOf(snapshot));
    expect(resultOf(snapshot)["reviewed-controls"]["control-selections"][0]?.["include-controls"]).toEqual(
      ["own-1", "own-2", "own-3", "own-4"].map((id) => ({ "control-id": id })),
    );
    expect(text).toContain(IMPORTED.source?.digest);
    expect(text).toContain(IMPORTED.source?.uuid);
    const found = sampleSnapshot(IMPORTED, ({ id }) => passingRows(id));
    expect(resultOf(found).findings).toMatchObject([{ target: { "target-id": "own-1_stmt" } }]);
    expect(resultOf(found).remarks).toContain("own-3: There is none of it.");
  });

  it("find nothing about a control without evidence, and name it", () => {
    const empty = sampleSnapshot(FRAMEWORKS[0] ?? null, () => []);
    const result = resultOf(empty);
    expect(result).not.toHaveProperty("findings");
    expect(result.remarks).toContain("No evidence: ");
    for (const { id } of empty.controls) expect(result.remarks).toContain(id.split("(")[0]);
  });

  it("state failures and passes as they are, with what was accepted beside and not instead", () => {
    const small = smallSnapshot();
    const note = {
      ...{ id: nodeIdOf(8), kind: "exception" as const, verdict: null, reason: "old boards", madeBy: null },
      ...{ madeAt: "2026-07-02T00:00:00.000Z", expiresAt: "2026-12-01T00:00:00.000Z" },
    };
    const controls = small.controls.map((one) => (one.id === "800-155" ? { ...one, notes: [note] } : one));
    const result = resultOf({ ...small, controls });
    const states = result.findings?.map(({ title, target }) => [title.split(":")[0], target.status?.state]);
    expect(Object.fromEntries(states ?? [])).toMatchObject({
      "800-155": "not-satisfied",
      "800-207 tenet 5": "satisfied",
    });
    expect(result.risks).toMatchObject([{ status: "deviation-approved", deadline: note.expiresAt }]);
    expect(result.findings?.filter((finding) => "related-risks" in finding)).toHaveLength(1);
  });

  it("name the nodes that let a measure down, by name-based UUIDs", () => {
    const result = resultOf(smallSnapshot());
    const items = result["local-definitions"]["inventory-items"];
    expect(items?.map(({ uuid }) => uuid)).toEqual([
      uuidOf("node", nodeIdOf(2)),
      uuidOf("node", nodeIdOf(3)),
    ]);
  });

  it("hold no text of others that would become a link or an image", () => {
    const hostile = "![x](http://e) <b>`";
    const snapshot = { ...smallSnapshot(), title: hostile };
    expect(resultOf(snapshot).title).toBe("\\!\\[x\\]\\(http://e\\) \\<b\\>\\`");
  });
});

describe("the check of the shape", () => {
  const good = () => documentsOf(smallSnapshot());

  it.each([
    ["an empty list", (text: string) => text.replace('"methods":["TEST"]', '"methods":[]')],
    ["an id of version 7", (text: string) => text.replace(/"uuid":"[^"]{36}"/, `"uuid":"${nodeIdOf(1)}"`)],
    ["edges of space", (text: string) => text.replace('"value":"', '"value":" ')],
    ["a token with a space", (text: string) => text.replace('"control-id":"', '"control-id":"a b')],
    ["a state that there is not", (text: string) => text.replace('"state":"satisfied"', '"state":"unknown"')],
    ["a member that is missing", (text: string) => text.replace('"import-ap"', '"import-no"')],
    [
      "a pointer to nothing",
      (text: string) => text.replace(/"observation-uuid":"[^"]{8}/, '"observation-uuid":"00000000'),
    ],
    ["a local time", (text: string) => text.replace(/("last-modified":"[^"]+)Z"/, '$1"')],
  ])("finds %s", (_, change) => {
    expect(good().flatMap(oscalFaults)).toEqual([]);
    const texts = good().map((document) => JSON.stringify(document));
    expect(texts.map(change).flatMap((text) => oscalFaults(JSON.parse(text)))).not.toEqual([]);
  });
});
