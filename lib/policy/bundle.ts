/** Policy bundles: rules in YAML, read within limits, checked before anything runs, with where each fault is. */
import { createHash } from "node:crypto";
import { type Document, isScalar, LineCounter, parseDocument, type Scalar } from "yaml";
import { z } from "zod";
import { RULE_STATUSES } from "#lib/domain/policy";
import { type CelResult, type Compiled, compileCel } from "./cel.ts";
import { POLICY_ENVIRONMENT } from "./facts.ts";
import { PolicyTest } from "./policy-test.ts";

/** UTF-16 units; far more than any policy that a person can review. */
const MAX_BUNDLE_TEXT = 100_000;
const MAX_RULES = 100;
const MAX_TESTS = 200;

const Name = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/, "Use small letters, digits and hyphens, beginning with a letter.");

const Rule = z.strictObject({
  id: Name,
  // `when: true` is no text in YAML.
  when: z.union([z.string().min(1), z.literal(true)]).transform(String),
  status: z.enum(RULE_STATUSES),
  reason: z.string().min(1),
  docs: z.string().min(1).max(2000),
});

const Bundle = z.strictObject({
  name: Name,
  description: z.string().min(1).max(2000),
  rules: z.array(Rule).min(1).max(MAX_RULES),
  tests: z.array(PolicyTest).max(MAX_TESTS).default([]),
});

const TestFile = z.strictObject({ tests: z.array(PolicyTest).max(MAX_TESTS) });

/** A fault of a bundle. Lines and columns count from 1. */
export type BundleProblem = {
  /** Where in the bundle, for example `rules/2/when`; `""` = the text as a whole. */
  path: string;
  line: number;
  column: number;
  detail: string;
};

export type CompiledRule = Omit<z.output<typeof Rule>, "when" | "reason"> & {
  whenText: string;
  reasonText: string;
  when: Compiled["run"];
  reason: Compiled["run"];
};

/** A checked bundle. */
export type PolicyBundle = {
  name: string;
  description: string;
  rules: readonly CompiledRule[];
  tests: readonly PolicyTest[];
  /** Hex SHA-256 of its text. */
  digest: string;
  /** Every name in its expressions; the facts that it asks are among them. */
  names: ReadonlySet<string>;
};

export type ReadBundle = { ok: true; bundle: PolicyBundle } | { ok: false; problems: BundleProblem[] };

/**
 * Read and check a bundle: its form, every expression, and that it decides about every node.
 *
 * Total: whatever the text is, it becomes a bundle or a list of faults.
 */
export function readBundle(text: string): ReadBundle {
  const source = readYaml(text, Bundle);
  if (!source.ok) return source;
  const { value, locate } = source;
  const problems: BundleProblem[] = [];
  const names = new Set<string>();
  const compile = (path: readonly (string | number)[], expression: string, returns: CelResult) => {
    const compiled = compileCel(POLICY_ENVIRONMENT, expression, returns);
    if (compiled.ok) {
      for (const name of compiled.names) names.add(name);
      return compiled.run;
    }
    problems.push({ ...locate(path, compiled.offset ?? 0), detail: compiled.detail });
    return () => null;
  };
  const rules = value.rules.map(
    ({ when, reason, ...rule }, index): CompiledRule => ({
      ...rule,
      whenText: when,
      reasonText: reason,
      when: compile(["rules", index, "when"], when, "bool"),
      reason: compile(["rules", index, "reason"], reason, "string"),
    }),
  );
  value.rules.forEach(({ id }, index) => {
    if (value.rules.findIndex((other) => other.id === id) === index) return;
    problems.push({ ...locate(["rules", index, "id"]), detail: `There are two rules ${id}.` });
  });
  if (value.rules.at(-1)?.when.trim() !== "true") {
    const detail = "The last rule must hold for every node: `when: true`.";
    problems.push({ ...locate(["rules", value.rules.length - 1, "when"]), detail });
  }
  if (problems.length > 0) return { ok: false, problems };
  const digest = createHash("sha256").update(text).digest("hex");
  return { ok: true, bundle: { ...value, rules, digest, names } };
}

/** Read the tests that lie beside a bundle. */
export function readTests(
  text: string,
): { ok: true; tests: readonly PolicyTest[] } | { ok: false; problems: BundleProblem[] } {
  const source = readYaml(text, TestFile);
  return source.ok ? { ok: true, tests: source.value.tests } : source;
}

type Locate = (path: readonly PropertyKey[], offset?: number) => Omit<BundleProblem, "detail">;

function readYaml<S extends z.ZodType>(
  text: string,
  schema: S,
): { ok: true; value: z.output<S>; locate: Locate } | { ok: false; problems: BundleProblem[] } {
  if (text.length > MAX_BUNDLE_TEXT) {
    const detail = `The text is longer than ${MAX_BUNDLE_TEXT} characters.`;
    return { ok: false, problems: [{ path: "", line: 1, column: 1, detail }] };
  }
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, schema: "core", prettyErrors: false });
    const [error] = document.errors;
    if (error) return { ok: false, problems: [{ path: "", ...at(error.pos[0]), detail: error.message }] };
    // Aliases can make a small text a huge value, and a policy that is reviewed needs none.
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const detail = error instanceof Error ? error.message : "The text is not YAML.";
    return { ok: false, problems: [{ path: "", line: 1, column: 1, detail }] };
  }
  const locate: Locate = (path, offset = 0) => ({
    path: path.map(String).join("/"),
    ...at(offsetOf(document, text, path, offset)),
  });
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data, locate };
  const problems = parsed.error.issues.flatMap((issue) => {
    const paths =
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ ...locate(path), detail: issue.message }));
  });
  return { ok: false, problems };
}

/**
 * Where something is in the text: the value at the path, or the nearest thing above it that is there.
 *
 * @param within units into the value, where it can be followed through quoting and indentation
 */
function offsetOf(
  document: Document.Parsed,
  text: string,
  path: readonly PropertyKey[],
  within: number,
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (!node?.range) continue;
    return isScalar(node) && length === path.length ? insideScalar(node, text, within) : node.range[0];
  }
  return 0;
}

function insideScalar(node: Scalar, text: string, within: number): number {
  const [start = 0, end = start] = node.range ?? [];
  const value = String(node.value);
  if (node.type === "BLOCK_LITERAL") {
    const before = value.slice(0, within).split("\n");
    const body = text.indexOf("\n", start) + 1;
    const rows = text.slice(body, end).split("\n");
    const indent = (rows.find((row) => row.trim() !== "") ?? "").search(/\S/);
    const skipped = rows.slice(0, before.length - 1).reduce((sum, row) => sum + row.length + 1, 0);
    return body + skipped + Math.max(indent, 0) + (before.at(-1)?.length ?? 0);
  }
  const quote = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? 1 : 0;
  const verbatim = text.slice(start + quote, start + quote + value.length) === value;
  return verbatim ? start + quote + within : start;
}
