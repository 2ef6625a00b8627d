import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONNECTORS } from "#lib/connectors/registry";
import { transitionOf } from "./lifecycle.ts";
import { LIFECYCLE_STATES, type LifecycleState } from "./lifecycle-table.ts";
import { type ConnectorStep, RECIPES, recipeFor } from "./recipe.ts";
import { type AvailableConnector, stepsFor } from "./recipe-steps.ts";
import { ACTIONS } from "./remediation.ts";

const KINDS = [
  ...new Set(RECIPES.flatMap(({ steps }) => steps.flatMap((s) => ("own" in s ? [] : [s.kind])))),
];
const available = (kind: string, n = 0): AvailableConnector => ({
  connectorId: `${kind}-${n}`,
  kind,
  name: `${kind} ${n}`,
  target: { ref: "w1", words: "node w1", uid: "u1" },
});
const anyConnectors = fc
  .array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(3)), { maxLength: 6 })
  .map((picks) => picks.map(([kind, n]) => available(kind, n)));
const anyRecipe = fc.constantFrom(...RECIPES);
const node = { name: "w1" };

describe("recipes", () => {
  it("has one usual recipe for every action, and each id once", () => {
    for (const action of ACTIONS) expect(recipeFor(action).action).toBe(action);
    expect(new Set(RECIPES.map(({ id }) => id)).size).toBe(RECIPES.length);
  });

  it("names verbs that the connectors have, and takes each back as the connector says", () => {
    const steps = RECIPES.flatMap((recipe) => recipe.steps).filter((s): s is ConnectorStep => "kind" in s);
    for (const { kind, verb, undo } of steps) {
      const connector = CONNECTORS.find((one) => one.kind === kind);
      expect(connector, kind).toBeDefined();
      expect(Object.keys(connector?.verbs ?? {}), kind).toContain(verb);
      if (undo !== null) expect(Object.keys(connector?.verbs ?? {}), kind).toContain(undo);
      // What the connector can take back is taken back, where the recipe does not leave it on purpose.
      const own = connector?.verbs[verb]?.undo ?? null;
      if (own !== null) expect(undo === own || undo === null, `${kind} ${verb}`).toBe(true);
    }
  });

  it("tells the life cycle only what moves a node somewhere", () => {
    const states = Object.keys(LIFECYCLE_STATES) as LifecycleState[];
    for (const { steps } of RECIPES)
      for (const one of steps)
        if ("own" in one && one.own === "lifecycle")
          expect(states.some((state) => transitionOf(state, one.event) !== undefined)).toBe(true);
  });

  it("asks for parameters that it explains", () => {
    for (const { params, steps } of RECIPES)
      for (const one of steps) if ("kind" in one && one.when) expect(Object.keys(params)).toContain(one.when);
  });

  it("keeps the evidence before anything else is done", () => {
    for (const { steps } of RECIPES) expect(steps[0]).toEqual({ own: "snapshot" });
  });
});

describe("steps of a node", () => {
  it("are numbered from 0 without a gap, the own ones always, the others by connectors that know it", () => {
    fc.assert(
      fc.property(anyRecipe, anyConnectors, (recipe, connectors) => {
        const { steps } = stepsFor(recipe, node, connectors);
        expect(steps.map(({ ordinal }) => ordinal)).toEqual(steps.map((_, index) => index));
        const ids = new Set(connectors.map(({ connectorId }) => connectorId));
        for (const { connectorId } of steps) expect(connectorId === null || ids.has(connectorId)).toBe(true);
        expect(steps.filter(({ connectorId }) => connectorId === null)).toHaveLength(
          recipe.steps.filter((one) => "own" in one).length,
        );
      }),
    );
  });

  it("say in words, and block, when nothing brings about what is needed", () => {
    fc.assert(
      fc.property(anyRecipe, anyConnectors, (recipe, connectors) => {
        const { steps, checks } = stepsFor(recipe, node, connectors);
        expect(checks.map(({ rule }) => rule)).toEqual(recipe.needs.map((effect) => `recipe/${effect}`));
        for (const { ok, blocking, rule, sentence } of checks) {
          const done = steps.some(({ effect, mandatory }) => mandatory && rule === `recipe/${effect}`);
          expect([ok, blocking]).toEqual([done, true]);
          expect(sentence).toContain("w1");
        }
      }),
    );
  });

  it("do not call a node isolated that no connector knows", () => {
    const { checks } = stepsFor(recipeFor("quarantine"), node, []);
    expect(checks).toMatchObject([{ ok: false, blocking: true, source: "target" }]);
    expect(checks[0]?.sentence).toBe(
      "No connector that knows w1 takes work or the network away from the node. It could be one of kind kubernetes, awx, rundeck, webhook.",
    );
  });

  it("are none of a connector that was not set up for them, and what nothing else does is missing", () => {
    const awx = { ...available("awx"), without: ["isolate", "release"] };
    const both = stepsFor(recipeFor("quarantine"), node, [available("kubernetes"), awx]);
    expect(both.steps.map(({ kind }) => kind)).not.toContain("awx");
    expect(both.checks).toMatchObject([{ ok: true }]);
    expect(stepsFor(recipeFor("quarantine"), node, [awx]).checks).toMatchObject([
      { ok: false, blocking: true },
    ]);
    expect(stepsFor(recipeFor("reprovision"), node, [awx]).steps.map(({ verb }) => verb)).toContain(
      "rebuild",
    );
  });

  it("isolate first and drain only when asked, and then without having to succeed", () => {
    const verbs = (params: Record<string, unknown>) =>
      stepsFor(recipeFor("quarantine"), node, [available("kubernetes")], params).steps.map(
        ({ verb, mandatory }) => `${verb}${mandatory ? "" : "?"}`,
      );
    const calm = ["snapshot", "lifecycle", "taint", "deny_requests", "read_back", "lifecycle"];
    expect(verbs({})).toEqual(calm);
    expect(verbs({ drain: false })).toEqual(calm);
    expect(verbs({ drain: true })).toEqual(calm.toSpliced(4, 0, "drain?"));
  });

  it("ban an agent when it is asked for, and count it as no isolation", () => {
    const both = [available("kubernetes"), available("spire")];
    const verbs = (params: Record<string, unknown>) =>
      stepsFor(recipeFor("quarantine"), node, both, params).steps.map(({ verb }) => verb);
    expect(verbs({})).not.toContain("ban");
    expect(verbs({ ban: true })).toContain("ban");
    expect(stepsFor(recipeFor("quarantine"), node, [available("spire")], { ban: true }).checks).toMatchObject(
      [{ rule: "recipe/isolated", ok: false, blocking: true }],
    );
  });

  it("say in words, and go on, when nothing does what a parameter asks for", () => {
    const { checks } = stepsFor(recipeFor("quarantine"), node, [available("kubernetes")], {
      ...{ drain: true, ban: true },
    });
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      {
        ...{ rule: "recipe/ban", blocking: false },
        sentence: "No connector that knows w1 does what ban asks for. It could be one of kind spire.",
      },
    ]);
  });

  it("lift a ban only after everything that rebuilds the node, and only where a failure stops the rest", () => {
    fc.assert(
      fc.property(anyRecipe, anyConnectors, (recipe, connectors) => {
        const { steps, checks } = stepsFor(recipe, node, connectors);
        const lifts = steps.filter(({ kind, verb }) => kind === "spire" && verb === "delete");
        if (lifts.length === 0) return;
        expect([recipe.needs, recipe.onFailure]).toEqual([["rebuilt"], "stop"]);
        const rebuilds = steps.filter(({ effect }) => effect === "rebuilt");
        for (const { ordinal } of lifts)
          for (const before of rebuilds)
            expect([before.ordinal < ordinal, before.mandatory]).toEqual([true, true]);
        if (rebuilds.length === 0) expect(checks.some(({ ok, blocking }) => blocking && !ok)).toBe(true);
      }),
    );
    for (const { id, steps } of RECIPES)
      expect(
        steps.some((one) => "kind" in one && one.kind === "spire" && one.verb === "delete"),
        id,
      ).toBe(id === "reprovision-after-compromise");
  });

  it("decommission where something makes the identity invalid, and not elsewhere", () => {
    const blocked = (kinds: readonly string[]) =>
      stepsFor(
        recipeFor("decommission"),
        node,
        kinds.map((kind) => available(kind)),
      ).checks.filter(({ ok, blocking }) => blocking && !ok);
    expect(blocked(["kubernetes", "spire"])).toEqual([]);
    expect(blocked(["kubernetes"])).toMatchObject([{ rule: "recipe/identity_invalid" }]);
  });

  it("refuse parameters that the recipe does not know", () => {
    const { checks } = stepsFor(recipeFor("release"), node, [], { drain: true });
    expect(checks).toMatchObject([{ rule: "recipe/parameter", ok: false, blocking: true }]);
  });

  it("give work back only after the verdict", () => {
    for (const action of ["release", "reprovision", "rollback"] as const) {
      const all = KINDS.map((kind) => available(kind));
      const verbs = stepsFor(recipeFor(action), node, all).steps.map(({ verb }) => verb);
      expect(verbs.indexOf("untaint")).toBeGreaterThan(verbs.indexOf("verdict"));
    }
  });
});
