/** What a gate says: lines for people, JUnit for pipelines. */
import type { GatePage } from "#lib/contracts/admission";
import { plain } from "./output.ts";

export type GateNode = GatePage["items"][number];

export type GateResult = { passed: boolean; nodes: readonly GateNode[] };

/** Passed when there is a node and none is denied: a query that matches nothing proves nothing. */
export function gateResult(nodes: readonly GateNode[]): GateResult {
  return { passed: nodes.length > 0 && nodes.every(({ decision }) => decision !== "deny"), nodes };
}

/** A line per node that is not plainly admitted, each reason with it, and a summary. */
export function gateLines({ passed, nodes }: GateResult, query: string): string[] {
  const count = (decision: string) => nodes.filter((node) => node.decision === decision).length;
  const told = nodes.filter(({ decision }) => decision !== "allow");
  const lines = told.map(({ decision, name, id, reasons }) =>
    plain(`${decision}  ${name} (${id}): ${reasons.map(({ text }) => text).join("; ")}`),
  );
  const summary =
    nodes.length === 0
      ? `not met: no node matches ${query === "" ? "at all" : query}`
      : `${passed ? "met" : "not met"}: ${count("allow")} admitted, ${count("warn")} with warnings, ${count("deny")} denied`;
  return [...lines, plain(summary)];
}

/** A test case per node, as pipelines read test reports. */
export function junitReport({ passed, nodes }: GateResult): string {
  const denied = nodes.filter(({ decision }) => decision === "deny");
  const cases = nodes.map(({ name, id, decision, reasons }) => {
    const why = xml(reasons.map(({ text }) => text).join("; "));
    const open = `    <testcase classname="touchstone.gate" name="${xml(`${name} (${id})`)}"`;
    if (decision === "allow") return `${open}/>`;
    return decision === "deny"
      ? `${open}>\n      <failure message="${why}"/>\n    </testcase>`
      : `${open}>\n      <system-out>${why}</system-out>\n    </testcase>`;
  });
  const nobody =
    nodes.length === 0
      ? [
          '    <testcase classname="touchstone.gate" name="nodes">\n      <failure message="No node matches"/>\n    </testcase>',
        ]
      : [];
  const all = [...cases, ...nobody];
  const failures = passed ? 0 : denied.length + nobody.length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="touchstone.gate" tests="${all.length}" failures="${failures}">`,
    ...all,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Names come from strangers: what XML cannot hold is spelled out, what it reads as markup is escaped. */
function xml(text: string): string {
  return plain(text.toWellFormed())
    .replace(/[\uFFFE\uFFFF]/g, "?")
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
