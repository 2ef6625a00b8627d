/** What the expressions of a policy may ask, by name and type; the editor completes from the same list. */
import type { Environment } from "@marcbachmann/cel-js";
import type { FactName, PolicyFacts } from "#lib/domain/policy";
import { celEnvironment } from "./cel.ts";

/** A field of the facts, for people. */
export type FactField = { name: string; type: string; about: string };

type FieldsOf<T> = Record<keyof T & string, { type: string; about: string }>;

const LANE = {
  label: { type: "string", about: "Name in reasons: the source, with the submodule if there is one" },
  source: { type: "string", about: "Name of the source" },
  kind: { type: "string", about: "Kind of the source, for example keylime" },
  submod: { type: "string", about: "Submodule that was appraised; empty = the whole node" },
  state: { type: "string", about: "trusted, degraded, failed, pending or stale" },
  tier: { type: "string", about: "Trust tier last stated: none, affirming, warning or contraindicated" },
  outcome: { type: "string", about: "Outcome last stated, for example verified_good" },
  reason: { type: "string", about: "Why, as a sentence" },
  says: { type: "string", about: "The reason, with the label before it when there are several lanes" },
  afterFailure: { type: "bool", about: "It failed, and has only been silent since" },
  silent: { type: "bool", about: "Nothing came within the limit of its source" },
} as const satisfies FieldsOf<PolicyFacts["lanes"][number]>;

const DRIFT = {
  label: { type: "string", about: "Name in reasons of the lane that was compared" },
  source: { type: "string", about: "Name of the source" },
  submod: { type: "string", about: "Submodule that was compared" },
  worst: { type: "string", about: "none, authorised, benign, unexplained or malicious_like" },
  effect: { type: "string", about: "none, note, degrade or fail" },
  score: { type: "double", about: "Weighted sum over the findings" },
  reason: { type: "string", about: "The worst finding, as a sentence" },
  says: { type: "string", about: "The reason, with the label before it when there are several lanes" },
  baselines: { type: "list<string>", about: "Names of the baselines that it was compared with" },
} as const satisfies FieldsOf<PolicyFacts["drift"][number]>;

const NODE = {
  id: { type: "string", about: "Id of the node" },
  name: { type: "string", about: "Name of the node" },
  labels: { type: "map<string, string>", about: "Labels that people gave it" },
  identities: { type: "map<string, list<string>>", about: "Its identities in use, by kind" },
} as const satisfies FieldsOf<PolicyFacts["node"]>;

const schemaOf = (fields: Record<string, { type: string }>) =>
  Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));

/** The engine tells types by constructor; what it is given must be made by these. */
class LaneValue {
  constructor(facts: PolicyFacts["lanes"][number]) {
    Object.assign(this, facts);
  }
}
class DriftValue {
  constructor(facts: PolicyFacts["drift"][number]) {
    Object.assign(this, facts);
  }
}
class NodeValue {
  constructor(facts: PolicyFacts["node"]) {
    Object.assign(this, facts);
  }
}

/** The environment that rules are checked and run in. */
export const POLICY_ENVIRONMENT: Environment = celEnvironment()
  .registerType("Lane", { ctor: LaneValue, fields: schemaOf(LANE) })
  .registerType("Drift", { ctor: DriftValue, fields: schemaOf(DRIFT) })
  .registerType("Node", { ctor: NodeValue, fields: schemaOf(NODE) })
  .registerVariable("lanes", "list<Lane>")
  .registerVariable("drift", "list<Drift>")
  .registerVariable("node", "Node");

/** Facts as the engine takes them. */
export function celFacts({ lanes, drift, node }: PolicyFacts): Record<FactName, unknown> {
  return {
    lanes: lanes.map((lane) => new LaneValue(lane)),
    drift: drift.map((one) => new DriftValue(one)),
    node: new NodeValue(node),
  };
}

export const FACT_NAMES = ["lanes", "drift", "node"] as const satisfies readonly FactName[];

const about = (fields: Record<string, { type: string; about: string }>): FactField[] =>
  Object.entries(fields).map(([name, field]) => ({ name, ...field }));

/** The facts with their fields. */
export const FACT_SCHEMA: readonly { name: FactName; type: string; about: string; fields: FactField[] }[] = [
  { name: "lanes", type: "list<Lane>", about: "Lines of evidence that have spoken", fields: about(LANE) },
  { name: "drift", type: "list<Drift>", about: "Comparisons with baselines", fields: about(DRIFT) },
  { name: "node", type: "Node", about: "The node itself", fields: about(NODE) },
];

/** Functions and methods that expressions may call. */
export function policyFunctions(): { signature: string; about: string | null }[] {
  return POLICY_ENVIRONMENT.getDefinitions()
    .functions.filter(({ signature }) => !signature.includes("re2Match"))
    .map(({ signature, description }) => ({ signature, about: description }));
}
