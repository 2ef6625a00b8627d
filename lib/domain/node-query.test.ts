import { describe, expect, it } from "vitest";
import { parseNodeQuery } from "./node-query.ts";

const parsed = (text: string) => {
  const result = parseNodeQuery(text);
  if (!result.ok) throw new Error(result.detail);
  return result.query;
};

describe("parseNodeQuery", () => {
  it("takes everything that is no filter as words that must all match", () => {
    expect(parsed("  web 10.0.0.7\taa:bb:cc:dd:ee:ff spiffe://d/node ")).toEqual({
      words: ["web", "10.0.0.7", "aa:bb:cc:dd:ee:ff", "spiffe://d/node"],
      statuses: null,
      coverage: null,
      lifecycle: null,
      sources: null,
    });
  });

  it("reads filters, and unites a filter that is given twice", () => {
    expect(parsed('status:failed,Stale source:"Build, farm" status:failed source:lab').statuses).toEqual([
      "failed",
      "stale",
    ]);
    expect(parsed("lifecycle:Enrolling,failed x lifecycle:failed").lifecycle).toEqual([
      "enrolling",
      "failed",
    ]);
    expect(parsed('source:"Build, farm",lab x').sources).toEqual(["Build, farm", "lab"]);
  });

  it("takes quoted text literally", () => {
    expect(parsed('"status: unknown" "foo:bar"').words).toEqual(["status: unknown", "foo:bar"]);
  });

  it.each([
    ["foo:bar", 'Unknown filter "foo:"'],
    ["status:great", 'Unknown status "great"'],
    ["lifecycle:married", 'Unknown life cycle state "married"'],
    ["status:", 'The filter "status:" needs a value'],
  ])("says what is wrong with %s", (text, detail) => {
    const result = parseNodeQuery(text);
    expect(result.ok ? "" : result.detail).toContain(detail);
  });

  it("gives an answer for any text", () => {
    for (const text of ['"', ":", 'status:"', ",,", 'a"b"c', "source:,", "\u0000"]) {
      expect(() => parseNodeQuery(text)).not.toThrow();
    }
  });

  it("narrows down to nodes that pass on less than before, or on all of it", () => {
    const coverageOf = (text: string) => {
      const read = parseNodeQuery(text);
      return read.ok ? read.query.coverage : read.detail;
    };
    expect(coverageOf("coverage:reduced")).toBe("reduced");
    expect(coverageOf("coverage:FULL")).toBe("full");
    expect(coverageOf("coverage:full,reduced")).toBeNull();
    expect(coverageOf("coverage:half")).toBe('Unknown coverage "half". Use reduced or full.');
  });
});

describe("labels", () => {
  it("are a name, or a name and a value; the node must have all of them", () => {
    const parsed = parseNodeQuery('label:role=gpu label:rack label:"hardware=x 1"');
    expect(parsed.ok && parsed.query.labels).toEqual([
      { name: "role", value: "gpu" },
      { name: "rack", value: null },
      { name: "hardware", value: "x 1" },
    ]);
  });

  it("need a name", () => {
    expect(parseNodeQuery("label:=gpu").ok).toBe(false);
    expect(parseNodeQuery("label:").ok).toBe(false);
  });
});
