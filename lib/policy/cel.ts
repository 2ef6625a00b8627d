/**
 * CEL as policies and selectors use it: checked before it runs, bounded in size, linear in its patterns.
 *
 * The engine's own `matches` is a backtracking RegExp, which a short pattern can keep busy for years. Every call
 * of it is renamed to `re2Match` in the syntax tree before the expression is checked, so positions in
 * messages stay those of the text that was typed.
 */
import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";
import { found } from "./patterns.ts";

const MAX_TEXT = 4000;
/** Loops within loops: the cost of an expression is at most the number of facts to this power. */
const MAX_LOOP_DEPTH = 2;
/** Loops over the result of loops: each can multiply what the one before it made. */
const MAX_LOOP_CHAIN = 3;
const LIMITS = {
  maxAstNodes: 1000,
  maxDepth: 40,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
};

const LOOPS = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** What an expression is refused for. `offset` counts UTF-16 units from its beginning; `null` = all of it. */
export type CelProblem = { detail: string; offset: number | null };

export type CelResult = "bool" | "string";

/** A checked expression. `run` throws when a value is missing, for example the key of a map. */
export type Compiled = {
  ok: true;
  run: (facts: Readonly<Record<string, unknown>>) => unknown;
  /** Every name that stands in it; what it asks of the facts is among them. */
  names: ReadonlySet<string>;
};

/** An environment without variables; the caller declares those it has. */
export function celEnvironment(): Environment {
  return new Environment({ limits: LIMITS }).registerFunction(
    "string.re2Match(string): bool",
    (text: string, pattern: string) => {
      const match = found(pattern, text);
      if (match === null) throw new Error("This is not an RE2 pattern.");
      return match;
    },
    { description: "What `matches` becomes: whether the RE2 pattern is found in the text" },
  );
}

/**
 * Compile and check an expression.
 *
 * @param returns type that it must have
 */
export function compileCel(
  environment: Environment,
  text: string,
  returns: CelResult,
): Compiled | ({ ok: false } & CelProblem) {
  if (text.length > MAX_TEXT) return refused(`The expression is longer than ${MAX_TEXT} characters.`);
  let parsed: ParseResult;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return refusedAs(error);
  }
  const names = new Set<string>();
  const problem = rewrite(parsed.ast, { depth: 0, chain: 0 }, names);
  if (problem) return { ok: false, ...problem };
  const { valid, type, error } = parsed.check();
  if (!valid) return refusedAs(error);
  if (type !== returns) return refused(`The expression is a ${type}, but a ${returns} is needed.`);
  return { ok: true, run: parsed, names };
}

const refused = (detail: string, offset: number | null = null) => ({ ok: false as const, detail, offset });

function refusedAs(error: unknown): { ok: false } & CelProblem {
  const { summary, range } = error as { summary?: unknown; range?: { start?: unknown } };
  const start = range?.start;
  return refused(
    typeof summary === "string" ? `${summary}.` : "The expression cannot be read.",
    typeof start === "number" ? start : null,
  );
}

/** Where an expression is: in how many loops, and at the end of how many. */
type Nesting = { depth: number; chain: number };

/**
 * Rename `matches` everywhere, collect names, and measure loops.
 *
 * @returns what the expression is refused for, `null` = nothing
 */
function rewrite(node: ASTNode, nesting: Nesting, names: Set<string>): CelProblem | null {
  if (node.op === "id") names.add(node.args);
  if (node.op !== "rcall")
    return firstProblem(childrenOf(node.args), (child) => rewrite(child, nesting, names));
  const [name, receiver, args] = node.args;
  if (name === "matches" && args.length === 1) {
    node.args[0] = "re2Match";
    const pattern = args[0];
    if (pattern?.op === "value" && typeof pattern.args === "string" && found(pattern.args, "") === null) {
      return { detail: "This is not an RE2 pattern.", offset: pattern.start };
    }
  }
  const loops = LOOPS.has(name);
  const within = { depth: nesting.depth + (loops ? 1 : 0), chain: 0 };
  const before = { depth: nesting.depth, chain: nesting.chain + (loops ? 1 : 0) };
  if (within.depth > MAX_LOOP_DEPTH) {
    return { detail: `Loops are nested more than ${MAX_LOOP_DEPTH} deep.`, offset: node.start };
  }
  if (before.chain > MAX_LOOP_CHAIN) {
    return { detail: `More than ${MAX_LOOP_CHAIN} loops follow each other.`, offset: node.start };
  }
  return rewrite(receiver, before, names) ?? firstProblem(args, (child) => rewrite(child, within, names));
}

function firstProblem(
  nodes: readonly ASTNode[],
  problemOf: (node: ASTNode) => CelProblem | null,
): CelProblem | null {
  for (const node of nodes) {
    const problem = problemOf(node);
    if (problem) return problem;
  }
  return null;
}

/** Expressions directly below a node: its arguments are nodes, or lists of them with names in between. */
function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;
