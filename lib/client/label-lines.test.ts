import { expect, it } from "vitest";
import { labelLines, readLabelLines } from "./label-lines.ts";

it("Gives back what was written, and passes over empty lines", () => {
  const labels = { role: "gpu", "a/b": "x=1" };
  expect(readLabelLines(labelLines(labels))).toEqual(labels);
  expect(readLabelLines("\n role = gpu \n\n")).toEqual({ role: "gpu" });
  expect(readLabelLines("")).toEqual({});
});

it.each(["role", "=gpu", "role=", "role=a\nrole=b"])("Refuses %j", (text) => {
  expect(readLabelLines(text)).toBeNull();
});
