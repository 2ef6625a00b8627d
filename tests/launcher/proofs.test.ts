import { describe, expect, it } from "vitest";
import { PROOFS } from "#tests/prove/proofs";

const options = { short: true, seed: 7, log: () => {} };
const timeout = 300_000;

describe.each(Object.entries(PROOFS))(
  "proof %s, short form",
  (_, { prove, promise, planted, symptoms = [] }) => {
    it(promise, { timeout }, async () => {
      const { cases, failed } = await prove({ ...options, planted: false });
      expect(cases).toBeGreaterThan(0);
      expect(failed).toBe(0);
    });

    it(`catches ${planted}`, { timeout }, async () => {
      const lines: string[] = [];
      const log = (line: string) => void lines.push(line);
      const { failed } = await prove({ ...options, log, planted: true });
      expect(failed).toBeGreaterThan(0);
      for (const symptom of symptoms) expect(lines.join("\n")).toContain(symptom);
    });
  },
);
