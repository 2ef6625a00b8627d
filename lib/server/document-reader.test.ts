import { expect, it } from "vitest";
import { readDocument } from "./document-reader.ts";

it("Reads JSON and YAML to the same value", () => {
  const value = { scope: ["a/"], entries: { "a/b": ["1"], "a/c": "yes" } };
  expect(readDocument(JSON.stringify(value))).toEqual(value);
  expect(readDocument('scope: [a/]\nentries:\n  a/b: ["1"]\n  a/c: yes\n')).toEqual(value);
});

it("Keeps numbers numbers, so that whoever asks for texts can say so", () => {
  expect(readDocument("entries:\n  kernel: 6.10\n")).toEqual({ entries: { kernel: 6.1 } });
});

it.each([
  ["a key that is given twice in JSON", '{"entries":{"a":"1","a":"2"}}'],
  ["a key that is given twice in YAML", "entries:\n  a: x\n  a: y\n"],
  ["an alias", "a: &x [1]\nb: *x\n"],
  ["aliases of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"],
  ["a tag of code", "a: !!js/function 'x'\n"],
  ["two documents", "a: 1\n---\nb: 2\n"],
  ["a list as key", "? [a]\n: 1\n"],
  ["deep YAML", "[".repeat(100_000)],
  ["long YAML", `a: ${"x".repeat(2_000_000)}`],
  ["JSON that ends too early", '{"a":'],
  ["deep JSON", `${'{"a":'.repeat(64)}1${"}".repeat(64)}`],
])("Refuses %s", (_, text) => {
  expect(() => readDocument(text)).toThrow(expect.objectContaining({ code: "request/invalid" }));
});
