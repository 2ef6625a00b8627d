import { describe, expect, it } from "vitest";
import { acknowledgedIsNeverLost } from "#tests/prove/acknowledged";
import { knownThenStaysKnown } from "#tests/prove/as-known";
import { orderDoesNotMatter } from "#tests/prove/order";

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

  it("A2: order, duplication and batching of what arrives do not matter", { timeout: 240_000 }, async () => {
    expect(await orderDoesNotMatter({ ...options, planted: false })).toEqual({ cases: 40, failed: 0 });
  });

  it("A2: the proof catches corrections that take nothing back", { timeout: 240_000 }, async () => {
    const { failed } = await orderDoesNotMatter({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });

  it("A3: what was known then never changes", { timeout: 240_000 }, async () => {
    expect(await knownThenStaysKnown({ ...options, planted: false })).toEqual({ cases: 400, failed: 0 });
  });

  it("A3: the proof catches corrections that overwrite", { timeout: 240_000 }, async () => {
    const { failed } = await knownThenStaysKnown({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });
});
