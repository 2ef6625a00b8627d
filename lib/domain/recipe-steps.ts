/** From a recipe to the steps of one node, and what stands against them. Pure. */
import type { LifecycleEventType } from "./lifecycle-table.ts";
import { type ConnectorStep, EFFECTS, type Effect, type OwnStep, type Recipe } from "./recipe.ts";
import type { PlanCheck } from "./remediation-plan.ts";

const MINUTE = 60_000;

/** A connector that knows the node, and what its system calls it. */
export type AvailableConnector = {
  connectorId: string;
  kind: string;
  name: string;
  target: { ref: string; words: string; uid: string | null };
  /** Verbs of its kind that it was not set up for. Absent = none. */
  without?: readonly string[];
};

/** One step of one node, in the order in which it is done. Own steps have the kind {@link OWN}. */
export type PlannedStep = {
  ordinal: number;
  kind: string;
  verb: string;
  mandatory: boolean;
  undo: string | null;
  effect: Effect | null;
  /** `null` = a step of our own. */
  connectorId: string | null;
  target: AvailableConnector["target"] | null;
  /** What it is, for people. */
  words: string;
  /** It comes after the change: the request is being verified while only such steps are left. */
  verifies: boolean;
  /** Of a step that tells the life cycle. */
  event: LifecycleEventType | null;
  /** Of a step that waits. */
  timeoutMs: number | null;
};

/** Kind of our own steps, where a connector's kind would stand. */
export const OWN = "touchstone";

/**
 * The step that stands before all others of a node for which something is missing that the recipe needs. It has
 * failed when it is written down, and says what is missing; nothing of the recipe is.
 */
export const REQUIREMENTS = {
  ordinal: -1,
  verb: "requirements",
  words: "find what the recipe needs",
} as const;

export type NodeSteps = { steps: readonly PlannedStep[]; checks: readonly PlanCheck[] };

/**
 * The steps of one node: those of the recipe that a connector can do for it, by every connector that knows it.
 *
 * What nothing can do is no step. When nothing can bring about what the recipe needs, a blocking check says so.
 *
 * @param available connectors that know the node, in the order in which those of a kind act
 * @param params as they were asked for; only `true` asks for a step
 */
export function stepsFor(
  recipe: Recipe,
  node: { name: string },
  available: readonly AvailableConnector[],
  params: Readonly<Record<string, unknown>> = {},
): NodeSteps {
  const steps: PlannedStep[] = [];
  let verifies = false;
  for (const one of recipe.steps) {
    if ("own" in one) {
      if (one.own !== "snapshot" && one.own !== "lifecycle") verifies = true;
      steps.push({ ...ownStep(one), ordinal: steps.length, verifies });
    } else if (one.when === undefined || params[one.when] === true) {
      for (const by of available.filter((by) => canDo(by, one)))
        steps.push({ ...connectorStep(one, by), ordinal: steps.length, verifies });
    }
  }
  const checks = recipe.needs.map((effect) => needCheck(recipe, effect, node.name, steps));
  return {
    steps,
    checks: [
      ...checks,
      ...idleParams(recipe, node.name, available, params),
      ...unknownParams(recipe, params),
    ],
  };
}

const canDo = ({ kind, without }: AvailableConnector, step: ConnectorStep): boolean =>
  kind === step.kind && !without?.includes(step.verb);

const NONE = { undo: null, effect: null, connectorId: null, target: null, event: null, timeoutMs: null };

function ownStep(one: OwnStep): Omit<PlannedStep, "ordinal" | "verifies"> {
  const base = { ...NONE, kind: OWN, verb: one.own, mandatory: true, words: wordsOf(one) };
  if (one.own === "lifecycle") return { ...base, event: one.event };
  return "timeoutMs" in one ? { ...base, timeoutMs: one.timeoutMs } : base;
}

function connectorStep(
  { kind, verb, undo, effect, optional }: ConnectorStep,
  { connectorId, name, target }: AvailableConnector,
): Omit<PlannedStep, "ordinal" | "verifies"> {
  const words = `${verb.replaceAll("_", " ")} ${target.words} with ${name}`;
  return { ...NONE, kind, verb, undo, effect, mandatory: optional !== true, connectorId, target, words };
}

function wordsOf(one: OwnStep): string {
  switch (one.own) {
    case "snapshot":
      return "keep what is known about the node";
    case "lifecycle":
      return `tell its life cycle: ${one.event}`;
    case "read_back":
      return "read back everything that was done";
    case "verdict":
      return `wait up to ${one.timeoutMs / MINUTE} minutes for a fresh affirming verdict`;
    case "new_key":
      return `wait up to ${one.timeoutMs / MINUTE} minutes for a new key that people agreed to, and a verdict with it`;
  }
}

function needCheck(recipe: Recipe, effect: Effect, name: string, steps: readonly PlannedStep[]): PlanCheck {
  const by = steps.filter((one) => one.effect === effect && one.mandatory);
  const able = recipe.steps.flatMap((one) => ("own" in one || one.effect !== effect ? [] : [one.kind]));
  const kinds = [...new Set(able)].join(", ");
  const how = kinds === "" ? "This version has no connector that can." : `It could be one of kind ${kinds}.`;
  return {
    rule: `recipe/${effect}`,
    // Connectors were asked: it stands with what targets say, and is shown to whoever votes.
    source: "target",
    about: name,
    ok: by.length > 0,
    blocking: true,
    sentence:
      by.length > 0
        ? `${by.map(({ words }) => words).join("; ")}: ${EFFECTS[effect]}.`
        : `No connector that knows ${name} ${EFFECTS[effect]}. ${how}`,
  };
}

/** Asked for, and nothing does it: that does not forbid the rest, but nobody should count on it. */
function idleParams(
  recipe: Recipe,
  name: string,
  available: readonly AvailableConnector[],
  params: Readonly<Record<string, unknown>>,
): PlanCheck[] {
  return Object.keys(recipe.params).flatMap((param): PlanCheck[] => {
    const able = recipe.steps.flatMap((one) => (!("own" in one) && one.when === param ? [one] : []));
    const isDone = able.some((one) => available.some((by) => canDo(by, one)));
    if (params[param] !== true || isDone) return [];
    const kinds = [...new Set(able.map(({ kind }) => kind))].join(", ");
    const sentence = `No connector that knows ${name} does what ${param} asks for. It could be one of kind ${kinds}.`;
    return [{ rule: `recipe/${param}`, source: "target", about: name, ok: false, blocking: false, sentence }];
  });
}

function unknownParams(recipe: Recipe, params: Readonly<Record<string, unknown>>): PlanCheck[] {
  return Object.entries(params)
    .filter(([name, value]) => !Object.hasOwn(recipe.params, name) || typeof value !== "boolean")
    .map(([name]) => ({
      rule: "recipe/parameter",
      source: "target",
      about: name,
      ok: false,
      blocking: true,
      sentence: `The recipe ${recipe.id} has no parameter ${name} that is true or false.`,
    }));
}
