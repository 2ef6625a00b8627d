import { describe, expect, it } from "vitest";
import { acknowledgedIsNeverLost } from "#tests/prove/acknowledged";
import { keysRotateWithoutGap } from "#tests/prove/rotation";

const options = { short: true, seed: 7, log: () => {} };

describe("long proofs, short form", () => {
  it("A1: an acknowledged event survives the killing of the server and of PostgreSQL", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await acknowledgedIsNeverLost({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A1: the proof catches a database that acknowledges before it writes", {
    timeout: 240_000,
  }, async () => {
    const { failed } = await acknowledgedIsNeverLost({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });

  it("A15: keys rotate under load without a refused event, and end when their grace period does", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await keysRotateWithoutGap({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A15: the proof catches a key that is thrown away, and one that never ends", {
    timeout: 240_000,
  }, async () => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const { failed } = await keysRotateWithoutGap({ ...options, log, planted: true });
    expect(failed).toBeGreaterThan(0);
    for (const symptom of ["a valid event was refused", "an event of a retired key was accepted"])
      expect(lines.some((line) => line.includes(symptom))).toBe(true);
  });
});
