import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SelectorNode } from "#lib/domain/baseline";
import { compileSelector } from "./selector.ts";

const node = (overrides: Partial<SelectorNode> = {}): SelectorNode => ({
  id: "n1",
  name: "alpha-01",
  labels: { role: "gpu" },
  identities: { k8s: ["alpha-01"] },
  ...overrides,
});

function selects(text: string, of: SelectorNode = node()): boolean {
  const selector = compileSelector(text);
  if (!selector.ok) throw new Error(selector.detail);
  return selector.matches(of);
}

describe("compileSelector", () => {
  it("selects every node when it is empty", () => {
    expect(selects("")).toBe(true);
    expect(selects("  \n")).toBe(true);
  });

  it.each([
    [`node.labels.role == "gpu"`, true],
    [`"rack" in node.labels`, false],
    [`node.name.startsWith("alpha")`, true],
    [`node.identities.k8s.exists(v, v == "alpha-01")`, true],
    [`node.name.matches("^alpha-[0-9]+$")`, true],
    [`node.id == "n2" || node.labels.role in ["gpu", "cpu"]`, true],
  ])("%s is %s for alpha-01", (text, expected) => {
    expect(selects(text)).toBe(expected);
  });

  it("does not match a node for which it cannot be evaluated", () => {
    expect(selects(`node.labels.rack == "r1"`)).toBe(false);
    expect(selects(`node.name.matches(node.labels.role + "(")`)).toBe(false);
  });

  it("reads labels as data: names of object members are absent keys", () => {
    expect(selects(`"constructor" in node.labels || "__proto__" in node.labels`)).toBe(false);
    expect(selects(`node.labels.constructor != ""`)).toBe(false);
  });

  it.each([
    ["node.nmae == 'a'", 5],
    ["node.name ==", 12],
    ["nodes.name == 'a'", 0],
    ["node.name", null],
    [`true && node.name.matches("(")`, 26],
  ])("refuses %s and says where", (text, offset) => {
    expect(compileSelector(text)).toMatchObject({ ok: false, offset });
  });

  it("refuses loops nested or chained so deep that a fleet would feel them", () => {
    const list = "[1, 2]";
    expect(compileSelector(`${list}.all(a, ${list}.all(b, a == b))`).ok).toBe(true);
    expect(compileSelector(`${list}.all(a, ${list}.all(b, ${list}.all(c, a == c)))`)).toMatchObject({
      ok: false,
      detail: "Loops are nested more than 2 deep.",
    });
    const doubling = ".map(s, s + s)".repeat(4);
    expect(compileSelector(`["a"]${doubling}.size() == 1`)).toMatchObject({ ok: false });
  });

  it("refuses texts that are too long, and expressions of too many parts", () => {
    expect(compileSelector(`node.name == "${"a".repeat(4000)}"`)).toMatchObject({ ok: false });
    expect(compileSelector(`node.id == "1"${" && 1 < 2".repeat(300)}`)).toMatchObject({ ok: false });
  });

  it("answers within 100 ms where a backtracking matcher would take years", () => {
    const long = node({ name: `${"a".repeat(10_000)}!` });
    for (const text of [
      `node.name.matches("^(a+)+$")`,
      `[node].exists(n, n.name.matches("^(a+)+$"))`,
      `[node.name].filter(n, n.matches("^(a+)+$")).size() > 0`,
      `[node.name].map(n, n.matches("^(a+)+$"), n).size() > 0`,
      `(node.name.matches("^(a+)+$") ? "a" : "b") == "a"`,
      `{"k": node.name.matches("^(a+)+$")}["k"]`,
      `[node.name.matches("^(a+)+$")][0]`,
      `!(-1 > 0) && dyn(node.name).matches("^(a+)+$")`,
      `cel.bind(n, node.name, n.matches("^(a+)+$"))`,
    ]) {
      selects(text);
      const startedAt = performance.now();
      expect(selects(text, long), text).toBe(false);
      expect(performance.now() - startedAt, text).toBeLessThan(100);
    }
  });

  it("is total: any text compiles to a selector or to a sentence", () => {
    const word = fc.constantFrom(
      ...[
        "node",
        ".name",
        ".labels",
        ".x",
        "(",
        ")",
        "[",
        "]",
        "'a'",
        "==",
        "&&",
        "1",
        ".exists(",
        "v,",
        "!",
        "-",
      ],
      ...["\\", "\u0000", "𝒳", ".matches(", "{", ":", "}", "?", "in", " "],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          const selector = compileSelector(text);
          if (selector.ok) expect(typeof selector.matches(node())).toBe("boolean");
          else expect(selector.detail).not.toBe("");
        },
      ),
    );
  });
});
