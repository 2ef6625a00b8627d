import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GateNode, gateLines, gateResult, junitReport } from "./gate-report.ts";

const node = (name: string, decision: GateNode["decision"], text = "Because"): GateNode => ({
  id: "01a20000-0000-7000-8000-000000000000",
  name,
  status: "trusted",
  decision,
  reasons: [{ code: "status", answer: decision, text }],
});

describe("a gate", () => {
  it("is met when there are nodes and none is denied; a query that matches nothing proves nothing", () => {
    expect(gateResult([node("a", "allow"), node("b", "warn")]).passed).toBe(true);
    expect(gateResult([node("a", "allow"), node("b", "deny")]).passed).toBe(false);
    expect(gateResult([]).passed).toBe(false);
  });

  it("names each node that is not plainly admitted, and why, in lines that nothing breaks out of", () => {
    expect(
      gateLines(gateResult([node("a", "allow"), node("b\n\u001b[2J", "deny", "It failed")]), "role:web"),
    ).toEqual([
      "deny  b\\u{a}\\u{1b}[2J (01a20000-0000-7000-8000-000000000000): It failed",
      "not met: 1 admitted, 0 with warnings, 1 denied",
    ]);
    expect(gateLines(gateResult([]), "x")).toEqual(["not met: no node matches x"]);
  });

  it("reports a failure per denied node in XML that no name can break", () => {
    const report = junitReport(gateResult([node('<a "b">&', "deny", "x < y")]));
    expect(report).toContain('name="&lt;a &quot;b&quot;&gt;&amp; (01a');
    expect(report).toContain('<failure message="x &lt; y"/>');
    expect(report).toContain('tests="1" failures="1"');
    expect(junitReport(gateResult([]))).toContain('tests="1" failures="1"');
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const text = junitReport(gateResult([node(name, "deny", name)]));
        // Nothing but our own markup, and no character that XML 1.0 forbids.
        expect(text.match(/</g)?.length).toBe(8);
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\uFFFE\uFFFF]/u);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});
