import fc from "fast-check";
import { expect, it } from "vitest";
import { patchLabels, refuseLabels } from "./node-labels.ts";
import { labelSelector, selectorWords } from "./selector-words.ts";

it.each([
  ["role", "gpu"],
  ["topology.kubernetes.io/zone", "eu-1"],
  ["rack", null],
])("Accepts the label %s=%s", (name, value) => {
  expect(refuseLabels({ [name]: value })).toBeNull();
});

it.each([
  ["__proto__", "x"],
  ["constructor", "x"],
  ["prototype", null],
  ["", "x"],
  ["-a", "x"],
  ["a b", "x"],
  ["a".repeat(101), "x"],
  ["role", ""],
  ["role", "a\nb"],
  ["role", "\ud800"],
  ["role", "x".repeat(201)],
])("Refuses the label %j=%j", (name, value) => {
  expect(refuseLabels(Object.fromEntries([[name, value]]))).toMatchObject({ name });
});

it("A patch sets what it names, takes away what it nulls and leaves the rest", () => {
  expect(patchLabels({ role: "gpu", rack: "r1" }, { rack: null, zone: "eu" })).toEqual({
    role: "gpu",
    zone: "eu",
  });
  const labels = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(labels, labels, (before, patch) => {
      expect(patchLabels(before, patch)).toEqual({ ...before, ...patch });
      expect(
        patchLabels(before, Object.fromEntries(Object.keys(before).map((name) => [name, null]))),
      ).toEqual({});
    }),
  );
});

it.each([
  ["", "All nodes"],
  ['node.labels.role == "gpu"', "Nodes with role gpu"],
  ['node.labels["a/b"] == "x" && "rack" in node.labels', "Nodes with a/b x and a label rack"],
  ['node.name.startsWith("edge-")', "Nodes with a name that begins with edge-"],
  ['node.labels.role == "a" || true', 'Nodes for which node.labels.role == "a" || true'],
])("The selector %j is told as %j", (selector, words) => {
  expect(selectorWords(selector)).toBe(words);
});

it("A selector of a label quotes whatever the label is", () => {
  expect(labelSelector("role", "gpu")).toBe('node.labels.role == "gpu"');
  expect(labelSelector("a/b", 'x"')).toBe('node.labels["a/b"] == "x\\""');
});
