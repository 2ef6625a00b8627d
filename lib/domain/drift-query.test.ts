import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDriftQuery } from "./drift-query.ts";

describe("a search of the inbox", () => {
  it("has free words, layers and classes", () => {
    expect(parseDriftQuery(" vmlinuz layer:kernel,boot  class:malicious_like 6.8 ")).toEqual({
      ok: true,
      query: { text: "vmlinuz 6.8", layers: ["kernel", "boot"], classes: ["malicious_like"] },
    });
    expect(parseDriftQuery("")).toEqual({ ok: true, query: { text: "", layers: [], classes: [] } });
  });

  it("takes a colon in other words as it is: values have them", () => {
    expect(parseDriftQuery("sha256:ab")).toMatchObject({ query: { text: "sha256:ab" } });
  });

  it.each(["layer:kernal", "class:bad", "layer:"])("refuses %s, which names nothing", (text) => {
    expect(parseDriftQuery(text)).toMatchObject({ ok: false });
  });

  it("never fails on any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseDriftQuery(text).ok).toBe("boolean");
      }),
    );
  });
});
