import { describe, expect, it } from "vitest";
import { acknowledgedIsNeverLost } from "#tests/prove/acknowledged";
import { silenceIsSeen } from "#tests/prove/silence";

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

  it("A32: whoever is missing for more than twice its interval is stale, and none of them is a pass", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await silenceIsSeen({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A32: the proof catches silence that is not judged", { timeout: 240_000 }, async () => {
    const { failed } = await silenceIsSeen({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });
});
