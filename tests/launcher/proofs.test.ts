import { describe, expect, it } from "vitest";
import { acknowledgedIsNeverLost } from "#tests/prove/acknowledged";
import { hostileBodiesAreHarmless } from "#tests/prove/hostile";
import { parsersNeverThrow } from "#tests/prove/parsers";

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

  it("A4: hostile bodies are answered with documented problems, change nothing and cost bounded memory", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await hostileBodiesAreHarmless({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A4: the proof catches a server that lets lone surrogates through", {
    timeout: 240_000,
  }, async () => {
    const { failed } = await hostileBodiesAreHarmless({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });

  it("A5: no reader throws, and nothing that cannot be stored is accepted", {
    timeout: 240_000,
  }, async () => {
    const { cases, failed } = await parsersNeverThrow({ ...options, planted: false });
    expect(cases).toBeGreaterThan(0);
    expect(failed).toBe(0);
  });

  it("A5: the proof catches readers that let lone surrogates through", {
    timeout: 240_000,
  }, async () => {
    const { failed } = await parsersNeverThrow({ ...options, planted: true });
    expect(failed).toBeGreaterThan(0);
  });
});
