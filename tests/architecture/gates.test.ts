import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { GATES, runGate } from "../../scripts/verify.ts";
import { GATE_PLANTS } from "./planted/gate-plants.ts";
import { inSandbox } from "./planted/sandbox.ts";

const TIMEOUT_MS = 60_000;

describe("gates of npm run verify", () => {
  it("have planted violations, every one", () => {
    expect(Object.keys(GATE_PLANTS).sort()).toEqual(GATES.map(({ name }) => name).sort());
  });

  for (const gate of GATES) {
    describe.concurrent(gate.name, () => {
      const plants = GATE_PLANTS[gate.name]?.();

      it("accepts a tree without violations", { timeout: TIMEOUT_MS }, async () => {
        const outcome = await inSandbox([plants?.base ?? {}], (root) => runGate(gate, root));
        expect(outcome.ok, outcome.output).toBe(true);
      });

      for (const [what, plant] of Object.entries(plants?.plants ?? {})) {
        it(`refuses ${what}`, { timeout: TIMEOUT_MS }, async () => {
          const outcome = await inSandbox([plants?.base ?? {}, plant], (root) => runGate(gate, root));
          expect(outcome.ok, outcome.output).toBe(false);
          expect(stripVTControlCharacters(outcome.output)).toContain(plant.says);
        });
      }

      if (gate.needs !== undefined) {
        it("fails clearly when its script is missing", async () => {
          const outcome = await inSandbox([], (root) => runGate(gate, root));
          expect(outcome).toMatchObject({ ok: false, output: `${gate.needs} is missing` });
        });
      }
    });
  }
});
