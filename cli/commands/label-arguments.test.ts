import { expect, it } from "vitest";
import { readLabelArguments } from "./label-arguments.ts";

it("Reads what to set and what to take away", () => {
  expect(readLabelArguments(["role=gpu", "rack-", "note=a=b"])).toEqual({
    role: "gpu",
    rack: null,
    note: "a=b",
  });
});

it.each([[["role"]], [["=x"]], [["-"]], [["a=1", "a-"]]])("Refuses %j", (labels) => {
  expect(() => readLabelArguments(labels)).toThrow(/neither|twice/);
});
