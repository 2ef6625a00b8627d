import { describe, expect, it } from "vitest";
import { acknowledgedIsNeverLost } from "#tests/prove/acknowledged";
import { distrustReachesBack } from "#tests/prove/distrust";

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

  it("A16: a distrusted key takes back what it vouched for, and nothing else", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await distrustReachesBack({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A16: the proof catches a product that believes the sender's own date", {
    timeout: 240_000,
  }, async () => {
    const { failed } = await distrustReachesBack({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });
});
