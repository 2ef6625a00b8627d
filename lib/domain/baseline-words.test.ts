import { expect, it } from "vitest";
import { STRICT, type Tolerance } from "./baseline.ts";
import { scopeSentence, toleranceSentence, toleranceSentences } from "./baseline-words.ts";
import { LAYERS } from "./layers.ts";

it.each<[string, Partial<Tolerance>]>([
  [
    "Kernel: an unexplained difference degrades the node; values must be exactly the accepted ones; what is added or missing is a difference.",
    {},
  ],
  [
    "Kernel: an unexplained difference fails the node; a newer version number than an accepted one is an upgrade; what is added or missing is tolerated.",
    { unexplained: "fail", values: "newer", added: "tolerated", removed: "tolerated" },
  ],
  [
    "Kernel: an unexplained difference is noted and changes no status; values must be exactly the accepted ones; what is added is tolerated, what is missing is a difference.",
    { unexplained: "note", added: "tolerated" },
  ],
  [
    "Kernel: an unexplained difference degrades the node; values must be exactly the accepted ones; what is added is a difference, what is missing is tolerated.",
    { removed: "tolerated" },
  ],
])("%s", (sentence, tolerance) => {
  expect(toleranceSentence("kernel", { ...STRICT, ...tolerance })).toBe(sentence);
});

it("What is said of no layer is said of all the others", () => {
  expect(toleranceSentences({ tolerances: {} })).toEqual([expect.stringMatching(/^All layers: /)]);
  expect(toleranceSentences({ tolerances: { kernel: STRICT } })).toEqual([
    expect.stringMatching(/^Kernel: /),
    expect.stringMatching(/^All other layers: /),
  ]);
  const all = Object.fromEntries(LAYERS.map((layer) => [layer, STRICT]));
  expect(toleranceSentences({ tolerances: all })).toHaveLength(LAYERS.length);
});

it("A scope says what is complete", () => {
  expect(scopeSentence({ scope: [] })).toBe("Only the listed paths are compared.");
  expect(scopeSentence({ scope: ["", "a"] })).toMatch(/^Everything that is measured/);
  expect(scopeSentence({ scope: ["ima/"] })).toMatch(/^Everything below ima\//);
});
