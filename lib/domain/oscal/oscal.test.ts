import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCatalogue, anySelection, catalogueDocument, profileDocument } from "#tests/oscal-documents";
import type { OscalCatalogue } from "./catalogue.ts";
import { compareControls } from "./compare.ts";
import { lineOf, renderText } from "./param.ts";
import { OscalError } from "./place.ts";
import { readOscal } from "./read.ts";

const idsOf = ({ controls }: OscalCatalogue) => controls.map(({ id }) => id);

/** Where a document is refused; a document that is taken is a fault of the test. */
function refusedAt(
  document: unknown,
  imported: OscalCatalogue | null = null,
): [path: string, reason: string] {
  try {
    readOscal(document, imported);
  } catch (error) {
    if (error instanceof OscalError) return [error.path, error.message];
    throw error;
  }
  throw new Error("the document was taken");
}

const SMALL = catalogueDocument({
  params: [{ id: "p-window", label: "a time" }],
  groups: [
    {
      title: "Integrity",
      groups: [
        {
          title: "Boot",
          controls: [
            {
              id: "in-1",
              title: "Measure the boot",
              props: [{ name: "label", value: "IN-1" }],
              params: [
                {
                  id: "in-1_p",
                  select: { "how-many": "one-or-more", choice: ["at boot", "{{ insert: param, p-window }}"] },
                },
              ],
              parts: [
                {
                  name: "statement",
                  id: "in-1_smt",
                  prose: "Measure {{ insert: param, in-1_p }}:",
                  parts: [{ name: "item", props: [{ name: "label", value: "a." }], prose: "firmware;" }],
                },
                { name: "guidance", prose: "Do it well." },
              ],
              controls: [{ id: "in-1.2", title: "Twice", props: [{ name: "label", value: "IN-1(2)" }] }],
            },
            { id: "in-2", title: "Gone", props: [{ name: "status", value: "withdrawn" }] },
          ],
        },
      ],
    },
  ],
});

describe("a catalogue", () => {
  const read = readOscal(SMALL, null);

  it("gives its controls in order, with groups, parents and statements", () => {
    expect(read.controls).toMatchObject([
      { id: "in-1", parent: null, group: "Integrity / Boot", statementId: "in-1_smt" },
      { id: "in-1.2", parent: "in-1", group: "Integrity / Boot", statementId: null, statement: "" },
    ]);
    const [first] = read.controls;
    expect(first && renderText(first.statement, first.params)).toBe(
      "Measure [one or more of: at boot; [a time]]:\na. firmware;",
    );
    expect(read.controls.map(lineOf)).toEqual(["Measure the boot", "IN-1(2) Twice"]);
  });

  it("names what is withdrawn and what is not read", () => {
    expect(read.withdrawn).toEqual(["in-2"]);
    expect(read.notRead).toEqual([{ what: "/catalog/groups/groups/controls/parts (guidance)", count: 1 }]);
  });

  it("is refused with the place and the reason", () => {
    const control = { id: "a-1", title: "One" };
    for (const [document, path, reason] of [
      [null, "", "object"],
      [{ "component-definition": {} }, "", "neither"],
      [catalogueDocument({ controls: [] }), "/catalog", "no control"],
      [catalogueDocument({ controls: {} }), "/catalog/controls", "list"],
      [catalogueDocument({ controls: [control, control] }), "/catalog/controls/1/id", "twice"],
      [catalogueDocument({ controls: [{ id: "1 a", title: "One" }] }), "/catalog/controls/0/id", "no id"],
      [catalogueDocument({ controls: [{ id: "a-1" }] }), "/catalog/controls/0/title", "missing"],
      [catalogueDocument({ controls: [{ id: "a-1", title: " " }] }), "/catalog/controls/0/title", "empty"],
      [
        catalogueDocument({ controls: [control] }, { "oscal-version": "2.0.0" }),
        "/catalog/metadata/oscal-version",
        "OSCAL 1",
      ],
      [{ catalog: { metadata: {}, controls: [control] } }, "/catalog/metadata/oscal-version", "missing"],
    ] as const) {
      const [at, why] = refusedAt(document);
      expect([at, why]).toEqual([path, expect.stringContaining(reason)]);
    }
  });

  it("is bounded in depth and number", () => {
    const nested = (depth: number): object =>
      depth === 0
        ? { title: "g", controls: [{ id: "a-1", title: "One" }] }
        : { title: "g", groups: [nested(depth - 1)] };
    expect(idsOf(readOscal(catalogueDocument({ groups: [nested(7)] }), null))).toEqual(["a-1"]);
    expect(refusedAt(catalogueDocument({ groups: [nested(8)] }))[1]).toContain("nested");
    const many = Array.from({ length: 5_001 }, (_, n) => ({ id: `c-${n}`, title: "t" }));
    expect(refusedAt(catalogueDocument({ controls: many }))).toEqual([
      "/catalog/controls",
      "At most 5000 are read here.",
    ]);
    const halves = [many.slice(0, 2_501), many.slice(2_501)].map((controls) => ({ title: "g", controls }));
    expect(refusedAt(catalogueDocument({ groups: halves }))[1]).toBe("At most 5000 controls are read.");
  });

  it("gives every control that is not withdrawn once, whatever it is made of", () => {
    fc.assert(
      fc.property(anyCatalogue, ({ document, ids, parents }) => {
        const all = readOscal(document, null);
        expect(idsOf(all)).toEqual(ids);
        expect(Object.fromEntries(all.controls.map(({ id, parent }) => [id, parent]))).toEqual(parents);
      }),
    );
  });

  it("is taken or refused in words, however it is damaged", () => {
    fc.assert(
      fc.property(anyCatalogue, fc.array(fc.nat(), { maxLength: 12 }), fc.jsonValue(), (made, steps, put) => {
        const document = damaged(structuredClone(made.document), steps, put);
        try {
          expect(idsOf(readOscal(document, null)).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(OscalError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes bounded time to write out what parameters insert into each other", () => {
    const chain = Array.from({ length: 150 }, (_, n) => ({
      id: `p-${n}`,
      values: [Array.from({ length: 40 }, (_, k) => `{{ insert: param, p-${(n + k) % 150} }}`).join("")],
    }));
    const [control] = readOscal(
      catalogueDocument({ params: chain, controls: [{ id: "a-1", title: "{{ insert: param, p-0 }}" }] }),
      null,
    ).controls;
    expect((control ? lineOf(control) : "").length).toBeLessThanOrEqual(40_000);
  });
});

/** Something else stands where the steps lead to. */
function damaged(document: object, steps: readonly number[], put: unknown): unknown {
  let at = document as Record<string, unknown>;
  let hold: [Record<string, unknown>, string] | null = null;
  for (const step of steps) {
    const keys = Object.keys(at);
    const key = keys[step % Math.max(1, keys.length)];
    if (key === undefined) break;
    hold = [at, key];
    const next = at[key];
    if (typeof next !== "object" || next === null) break;
    at = next as Record<string, unknown>;
  }
  if (!hold) return put;
  hold[0][hold[1]] = put;
  return document;
}

describe("a profile", () => {
  const base = readOscal(SMALL, null);
  const take = (one: object, modify?: object) => readOscal(profileDocument([one], modify), base);

  it("takes all controls, or those that it names with or without what enhances them", () => {
    const named = (children?: string) => ({
      "include-controls": [
        { "with-ids": ["in-1"], ...(children ? { "with-child-controls": children } : {}) },
      ],
    });
    expect(idsOf(take({ "include-all": {} }))).toEqual(["in-1", "in-1.2"]);
    expect(idsOf(take(named()))).toEqual(["in-1"]);
    expect(idsOf(take(named("yes")))).toEqual(["in-1", "in-1.2"]);
    const without = { "include-all": {}, "exclude-controls": [{ "with-ids": ["in-1"] }] };
    expect(take(without).controls).toMatchObject([{ id: "in-1.2", parent: null }]);
  });

  it("sets parameters and titles, and names what it sets in vain", () => {
    const read = take(
      { "include-all": {} },
      {
        "set-parameters": [
          { "param-id": "in-1_p", values: ["every hour"] },
          { "param-id": "nowhere", values: ["x"] },
        ],
        alters: [
          {
            "control-id": "in-1.2",
            adds: [{ title: "Three times", parts: [] }],
            removes: [{ "by-name": "x" }],
          },
          { "control-id": "in-9", adds: [{ title: "Never" }] },
        ],
      },
    );
    const [first, second] = read.controls;
    expect(first && renderText(first.statement, first.params)).toContain("Measure every hour:");
    expect(second && lineOf(second)).toBe("IN-1(2) Three times");
    expect(read.notRead).toEqual([
      { what: "/profile/modify/alters/removes", count: 1 },
      { what: "/profile/modify/alters/adds/parts", count: 1 },
      { what: "/profile/modify/alters (of controls that it does not take)", count: 1 },
      { what: "/profile/modify/set-parameters (inserted by no title or statement)", count: 1 },
    ]);
  });

  it("is refused rather than read in part", () => {
    const at = (one: object) => refusedAt(profileDocument([one]), base);
    expect(refusedAt(profileDocument([{ "include-all": {} }]))[0]).toBe("/profile/imports/0/href");
    expect(refusedAt(SMALL, base)[0]).toBe("/catalog");
    expect(at({})[0]).toBe("/profile/imports/0");
    expect(at({ "include-controls": [{ matching: [{ pattern: "in-*" }] }] })[1]).toContain("not by patterns");
    expect(at({ "include-controls": [{ "with-ids": ["in-3"] }] })).toEqual([
      "/profile/imports/0/include-controls/0/with-ids/0",
      "The catalogue has no control in-3.",
    ]);
    expect(at({ "include-controls": [{ "with-ids": ["in-2"] }] })[1]).toContain("no control");
    const two = profileDocument([{ "include-all": {} }, { href: "#other", "include-all": {} }]);
    expect(refusedAt(two, base)[0]).toBe("/profile/imports/1/href");
  });

  it("never takes what it excludes, and nothing that the catalogue does not have", () => {
    fc.assert(
      fc.property(anyCatalogue, anySelection, anySelection, ({ document, ids }, include, exclude) => {
        const catalogue = readOscal(document, null);
        const pick = (chosen: readonly number[]) => [
          ...new Set(chosen.map((n) => ids[n % ids.length] ?? "")),
        ];
        const [wanted, unwanted] = [pick(include), pick(exclude)];
        const left = wanted.filter((id) => !unwanted.includes(id));
        const profile = profileDocument([
          {
            "include-controls": [{ "with-ids": wanted }],
            "exclude-controls": [{ "with-ids": unwanted }],
          },
        ]);
        if (left.length === 0) expect(refusedAt(profile, catalogue)[1]).toContain("takes no control");
        else expect(idsOf(readOscal(profile, catalogue))).toEqual(ids.filter((id) => left.includes(id)));
      }),
    );
  });
});

describe("importing again", () => {
  it("tells what is new, changed and gone; the same document changes nothing", () => {
    fc.assert(
      fc.property(anyCatalogue, anyCatalogue, (a, b) => {
        const [before, after] = [readOscal(a.document, null), readOscal(b.document, null)];
        const { added, changed, gone } = compareControls(before.controls, after.controls);
        expect(added).toEqual(b.ids.filter((id) => !a.ids.includes(id)));
        expect(gone).toEqual(a.ids.filter((id) => !b.ids.includes(id)));
        for (const id of changed) expect(a.ids.includes(id) && b.ids.includes(id)).toBe(true);
        expect(compareControls(before.controls, before.controls)).toEqual({
          added: [],
          changed: [],
          gone: [],
        });
      }),
    );
  });
});
