/** Expressions made by chance mean the same to the engine that decides and to another one. */
import { celEnv, parse, plan } from "@bufbuild/cel";
import { Environment } from "@marcbachmann/cel-js";
import type { PolicyFacts } from "#lib/domain/policy";
import { LANE_STATES } from "#lib/domain/trust-status";
import { type CelResult, compileCel } from "#lib/policy/cel";
import { celFacts, POLICY_ENVIRONMENT } from "#lib/policy/facts";
import type { Proof } from "./proof.ts";
import { intBetween, mulberry32, pick, type Random } from "./random.ts";

const FULL_CASES = 10_000;
const SHORT_CASES = 600;

const oracle = celEnv();

export const celMeansTheSame: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const cases = short ? SHORT_CASES : FULL_CASES;
  let failed = 0;
  let errors = 0;
  for (let index = 0; index < cases; index += 1) {
    const returns = pick(random, ["bool", "bool", "string"] as const);
    const text = returns === "bool" ? bool(random, 3, []) : string(random, 2, []);
    const facts = factsBy(random);
    const ours = planted ? unguarded(text, facts) : answer(text, returns, facts);
    const theirs = second(text, facts);
    if (theirs === "error") errors += 1;
    if (ours === theirs) continue;
    failed += 1;
    if (failed <= 20) log(`${text} on ${JSON.stringify(facts)}: ${ours}, the other engine ${theirs}`);
  }
  log(`${cases} expressions, ${errors} of them an error to both, ${failed} differ`);
  return { cases, failed };
};

/** An answer as a text that can be compared; `error` for all that have none. */
function answer(text: string, returns: CelResult, facts: PolicyFacts): string {
  const compiled = compileCel(POLICY_ENVIRONMENT, text, returns);
  if (!compiled.ok) return `refused: ${compiled.detail}`;
  try {
    return JSON.stringify(compiled.run(celFacts(facts)));
  } catch {
    return "error";
  }
}

/** The planted bug: the engine as it comes, with the patterns of JavaScript. */
function unguarded(text: string, facts: PolicyFacts): string {
  try {
    return JSON.stringify(new Environment({ unlistedVariablesAreDyn: true }).evaluate(text, { ...facts }));
  } catch {
    return "error";
  }
}

function second(text: string, facts: PolicyFacts): string {
  try {
    const result: unknown = plan(oracle, parse(text))(JSON.parse(JSON.stringify(facts)));
    return typeof result === "boolean" || typeof result === "string" ? JSON.stringify(result) : "error";
  } catch {
    return "error";
  }
}

const WORDS = ["gpu", "lab", "alpha-01", "", "Zürich", "𝒳", "a.b", "new\nline"] as const;
const PATTERNS = [
  "^gpu$",
  "(?i)ALPHA",
  "[0-9]+$",
  "^(a+)+$",
  "\\\\pL+",
  "l.b",
  "",
  "\\\\Aalpha",
  "01\\\\z",
] as const;

function factsBy(random: Random): PolicyFacts {
  const word = () => pick(random, WORDS);
  const lanes = Array.from({ length: intBetween(random, 0, 3) }, () => ({
    ...{ label: word(), source: word(), kind: "ear", submod: word(), reason: word(), says: word() },
    ...({ tier: "none", outcome: "pending" } as const),
    state: pick(random, LANE_STATES),
    afterFailure: random() < 0.3,
    silent: random() < 0.3,
  }));
  const drift = Array.from({ length: intBetween(random, 0, 2) }, () => ({
    ...{ label: word(), source: word(), submod: "", reason: word(), says: word(), baselines: [word()] },
    worst: pick(random, ["none", "benign", "unexplained"] as const),
    effect: pick(random, ["none", "note", "fail"] as const),
    score: intBetween(random, 0, 100) / 2,
  }));
  const labels = Object.fromEntries(
    ["role", "rack"].filter(() => random() < 0.6).map((key) => [key, word()]),
  );
  return { node: { id: "n1", name: word(), labels, identities: { k8s: [word()] } }, lanes, drift };
}

const literal = (text: string) => JSON.stringify(text);

/** @param loop variables of lanes in reach */
function bool(random: Random, depth: number, loop: readonly string[]): string {
  if (depth === 0) return pick(random, ["true", "false"]);
  const inner = () => bool(random, depth - 1, loop);
  const text = () => string(random, depth - 1, loop);
  const variable = `v${loop.length}`;
  const looped = () => bool(random, depth - 1, [...loop, variable]);
  const makers: (() => string)[] = [
    () => `(${inner()} && ${inner()})`,
    () => `(${inner()} || ${inner()})`,
    () => `!${inner()}`,
    () => `(${inner()} ? ${inner()} : ${inner()})`,
    () => `(${text()} == ${text()})`,
    () => `(${text()} < ${text()})`,
    () => `(${text()} in [${text()}, ${text()}])`,
    () => `(${literal(pick(random, ["role", "rack", "none"]))} in node.labels)`,
    () => `has(node.labels.${pick(random, ["role", "rack"])})`,
    () => `${text()}.${pick(random, ["startsWith", "endsWith", "contains"])}(${text()})`,
    () => `${text()}.matches("${pick(random, PATTERNS)}")`,
    () => `(lanes.size() ${pick(random, ["<", ">", "==", "!=", "<=", ">="])} ${intBetween(random, 0, 3)})`,
    () => `(size(${text()}) > ${intBetween(random, 0, 8)})`,
    () => `(${intBetween(random, -9, 9)} / ${intBetween(random, -1, 2)} > ${intBetween(random, -4, 4)})`,
  ];
  if (loop.length < 2) {
    makers.push(
      () => `drift.exists(d, d.score > ${intBetween(random, 0, 50)}.5)`,
      () => `lanes.${pick(random, ["all", "exists", "exists_one"])}(${variable}, ${looped()})`,
      () => `(lanes.filter(${variable}, ${looped()}).size() > ${intBetween(random, 0, 2)})`,
    );
  }
  for (const name of loop) {
    makers.push(
      () => `${name}.${pick(random, ["afterFailure", "silent"])}`,
      () => `(${name}.state in ["failed", ${text()}])`,
    );
  }
  return pick(random, makers)();
}

function string(random: Random, depth: number, loop: readonly string[]): string {
  if (depth <= 0) return literal(pick(random, WORDS));
  const inner = () => string(random, depth - 1, loop);
  const makers: (() => string)[] = [
    () => literal(pick(random, WORDS)),
    () => "node.name",
    () => `node.labels.${pick(random, ["role", "rack"])}`,
    () => `node.labels[${literal(pick(random, ["role", "rack"]))}]`,
    () => `(${inner()} + ${inner()})`,
    () => `(${bool(random, depth - 1, loop)} ? ${inner()} : ${inner()})`,
    () => `string(lanes.size() * ${intBetween(random, -3, 9)} % 7)`,
    () => `node.identities.k8s[${intBetween(random, 0, 1)}]`,
    () => `lanes[${intBetween(random, 0, 2)}].label`,
    ...loop.map((name) => () => `${name}.${pick(random, ["label", "reason", "state"])}`),
  ];
  if (loop.length < 2) makers.push(() => `lanes.map(m, m.label + ${inner()})[${intBetween(random, 0, 1)}]`);
  return pick(random, makers)();
}
