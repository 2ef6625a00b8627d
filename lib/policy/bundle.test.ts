import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBundle, readTests } from "./bundle.ts";
import { runTests } from "./run-tests.ts";

const rule = (over: Partial<Record<"id" | "when" | "status" | "reason" | "docs", string>> = {}) => ({
  ...{ id: "all", when: "true", status: "pending", reason: `'"Nothing"'`, docs: "Holds for every node." },
  ...over,
});

const bundle = (...rules: ReturnType<typeof rule>[]) =>
  [
    "name: lab",
    "description: A policy for tests",
    "rules:",
    ...rules.flatMap(({ id, when, status, reason, docs }) => [
      `  - id: ${id}`,
      `    when: ${when}`,
      `    status: ${status}`,
      `    reason: ${reason}`,
      `    docs: ${docs}`,
    ]),
  ].join("\n");

function problemsOf(text: string) {
  const read = readBundle(text);
  return read.ok ? [] : read.problems;
}

describe("readBundle", () => {
  it("reads a bundle, and knows which facts it asks", () => {
    const read = readBundle(
      bundle(rule({ id: "gpu", when: `node.labels.role == "gpu"`, status: "degraded" }), rule()),
    );
    expect(read).toMatchObject({ ok: true, bundle: { name: "lab", tests: [] } });
    expect(read.ok && read.bundle.names.has("node")).toBe(true);
    expect(read.ok && read.bundle.names.has("drift")).toBe(false);
  });

  it("finds a misspelt field, and says where it stands", () => {
    const text = bundle(rule({ id: "x", when: `lanes.exists(l, l.stat == "failed")` }), rule());
    const [problem] = problemsOf(text);
    const lines = text.split("\n");
    const line = lines.findIndex((row) => row.includes("l.stat "));
    const column = (lines[line] ?? "").indexOf("l.stat") + "l.".length + 1;
    expect(problem).toEqual({ path: "rules/0/when", line: line + 1, column, detail: "No such key: stat." });
  });

  it("follows positions into blocks and quotes", () => {
    const block = `name: lab
description: d
rules:
  - id: a
    when: |
      true &&
        lanes.exists(l, l.nope)
    status: failed
    reason: "'fine' + 1"
    docs: d
  - { id: b, when: "true", status: pending, reason: '"b"', docs: d }
`;
    const lines = block.split("\n");
    const found = problemsOf(block);
    expect(found[0]).toMatchObject({ line: 7, column: (lines[6] ?? "").indexOf("nope") + 1 });
    expect(found[1]).toMatchObject({ path: "rules/0/reason", line: 9 });
  });

  it.each([
    ["a status that no rule may give", bundle(rule({ status: "quarantined" })), "rules/0/status"],
    ["a reason that is no text", bundle(rule({ reason: "lanes.size()" })), "rules/0/reason"],
    ["a condition that is no truth value", bundle(rule({ when: `'"a"'` }), rule()), "rules/0/when"],
    ["two rules of one id", bundle(rule(), rule()), "rules/1/id"],
    ["an unknown member", `${bundle(rule())}\nextra: 1`, "extra"],
    ["no rule that holds for every node", bundle(rule({ when: "lanes.size() > 0" })), "rules/0/when"],
    [
      "a pattern that is none",
      bundle(rule({ id: "p", when: `node.name.matches("(")` }), rule()),
      "rules/0/when",
    ],
    ["a text that is no YAML", "a: [", ""],
    ["a name that is none", bundle(rule()).replace("name: lab", "name: Lab 1"), "name"],
    ["more than anybody reviews", `${bundle(rule())}\n#${"x".repeat(100_000)}`, ""],
    ["an alias", bundle(rule()).replace("description: A policy for tests", "description: *x"), ""],
  ])("refuses %s", (_, text, path) => {
    expect(problemsOf(text).map((problem) => problem.path)).toContain(path);
  });

  it("does not let aliases grow a small text", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]`;
    expect(problemsOf(bomb)).toHaveLength(1);
  });

  it("is total", () => {
    const pieces = fc.constantFrom(
      ...[
        "name: a\n",
        "rules:\n",
        "  - id: x\n",
        "    when: ",
        "true\n",
        "|\n",
        "      lanes\n",
        "[",
        "{",
        "'",
      ],
      ...['"', "&a ", "*a ", "!!js/function ", "? ", ": ", "- ", "\t", "%", "---\n", "\u0000", "<<: "],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 20 }).map((some) => some.join("")),
    );
    fc.assert(
      fc.property(text, (some) => {
        for (const { line, column, detail } of problemsOf(some)) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(detail).not.toBe("");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("readTests", () => {
  it("reads tests that lie beside a bundle, and a failing one says what came instead", () => {
    const read = readBundle(bundle(rule()));
    const beside = readTests(
      "tests:\n  - name: n\n    facts: {}\n    expect: { status: trusted, rule: all }",
    );
    if (!read.ok || !beside.ok) throw new Error("refused");
    expect(runTests(read.bundle, beside.tests)).toEqual([
      { name: "n", detail: "status: expected trusted, came pending" },
    ]);
  });

  it("refuses facts that do not exist", () => {
    const beside = readTests("tests:\n  - name: n\n    facts: { lane: [] }\n    expect: { status: trusted }");
    expect(beside).toMatchObject({ ok: false, problems: [{ path: "tests/0/facts/lane", line: 3 }] });
  });
});
