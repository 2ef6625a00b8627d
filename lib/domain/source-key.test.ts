import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEY_STATES, type KeyLife, type KeyStep, keyStateAfter, vouchesUntil } from "./source-key.ts";

const STEPS: readonly KeyStep[] = ["activate", "retire"];
const NOW_MS = 1_000_000;
const key = (more: Partial<KeyLife> = {}): KeyLife => ({
  state: "active",
  validFromMs: 0,
  validToMs: null,
  acceptUntilMs: null,
  ...more,
});

describe("the steps of a rotation", () => {
  it("lead from prepared over active to retired, and nowhere else", () => {
    const edges = KEY_STATES.flatMap((state) =>
      STEPS.flatMap((step) => {
        const next = keyStateAfter(state, step);
        return next === null ? [] : [`${state} ${step} ${next}`];
      }),
    );
    expect(edges).toEqual(["prepared activate active", "prepared retire retired", "active retire retired"]);
    expect(keyStateAfter("unheard-of", "activate")).toBeNull();
  });

  it("never make a retired or a distrusted key believed again, in any order", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("retired", "distrusted"),
        fc.array(fc.constantFrom(...STEPS)),
        (start, steps) => {
          expect(steps.reduce((state, step) => keyStateAfter(state, step) ?? state, start as string)).toBe(
            start,
          );
        },
      ),
    );
  });
});

describe("what a key vouches for", () => {
  it("is everything while it is prepared or active and within its validity", () => {
    for (const state of ["prepared", "active"]) {
      expect(vouchesUntil(key({ state }), NOW_MS)).toBe("always");
      expect(vouchesUntil(key({ state, validFromMs: NOW_MS }), NOW_MS)).toBe("always");
      expect(vouchesUntil(key({ state, validFromMs: NOW_MS + 1 }), NOW_MS)).toBeNull();
      expect(vouchesUntil(key({ state, validToMs: NOW_MS + 1 }), NOW_MS)).toBe("always");
      expect(vouchesUntil(key({ state, validToMs: NOW_MS }), NOW_MS)).toBeNull();
    }
  });

  it("ends with the grace period once it is retired, whenever that is asked", () => {
    const retired = key({ state: "retired", validToMs: 500, acceptUntilMs: 800 });
    for (const nowMs of [0, 500, 800, 801, 9_999_999]) expect(vouchesUntil(retired, nowMs)).toBe(800);
    expect(vouchesUntil(key({ state: "retired", validToMs: 500 }), NOW_MS)).toBeNull();
  });

  it("is nothing for a distrusted key or a state that this version does not know", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (word, acceptUntilMs, nowMs) => {
        const state = ["prepared", "active", "retired"].includes(word) ? "distrusted" : word;
        expect(vouchesUntil(key({ state, acceptUntilMs }), nowMs)).toBeNull();
        expect(vouchesUntil(key({ state: "distrusted", acceptUntilMs }), nowMs)).toBeNull();
      }),
    );
  });
});
