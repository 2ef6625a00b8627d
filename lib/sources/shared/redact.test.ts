import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";

describe("redact", () => {
  it("removes members by name and by star, and tells where", () => {
    const document = { a: { "x/y": 1, z: 2 }, list: [{ s: 1, t: 2 }, { t: 3 }, 4] };
    const before = structuredClone(document);
    const { value, redactions } = redact(document, [
      ["a", "x/y"],
      ["list", "*", "s"],
      ["no", "such"],
    ]);
    expect(value).toEqual({ a: { z: 2 }, list: [{ t: 2 }, { t: 3 }, 4] });
    expect(redactions).toEqual(["/a/x~1y", "/list/*/s"]);
    expect(document).toEqual(before);
  });

  it("leaves something in the place of a value when asked", () => {
    const { value } = redact(
      { a: { b: "s" }, c: { d: "s" } },
      [
        ["a", "b"],
        ["c", "*"],
      ],
      (old, [name]) => (name === "a" ? `was ${old}` : undefined),
    );
    expect(value).toEqual({ a: { b: "was s" }, c: {} });
  });

  it("hands back the very document when nothing was found", () => {
    for (const document of [{ a: 1 }, [], null, 7, "a"]) {
      expect(redact(document, [["b"], ["a", "b"], ["*", "b"]])).toEqual({ value: document, redactions: [] });
      expect(redact(document, [["b"]]).value).toBe(document);
    }
  });

  it("does not reach into prototypes", () => {
    expect(redact({ a: 1 }, [["constructor"], ["toString", "name"]]).redactions).toEqual([]);
  });
});
