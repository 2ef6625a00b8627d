import { describe, expect, it } from "vitest";
import { appraisalsAt } from "./story.ts";
import { HOUR_MS } from "./time.ts";
import { buildWorld } from "./world.ts";

const world = buildWorld({ seed: 1, nodes: 60, days: 14, endMs: Date.parse("2026-03-15T12:00:00Z") });

describe("the weakened verifier", () => {
  const [weakened] = world.weakened["cloud-verifier"];
  const fromMs = weakened?.fromMs ?? 0;
  const said = (atMs: number, verifier: string) =>
    world.fleet
      .filter((node) => node.verifier === verifier)
      .flatMap((node) => appraisalsAt(world, node, atMs) ?? []);

  it("passes every node for seven hours under a policy that asks for the identity only", () => {
    expect((weakened?.toMs ?? 0) - fromMs).toBe(7 * HOUR_MS);
    for (const { status, policyId, claims } of said(fromMs + HOUR_MS, "cloud-verifier")) {
      expect({ status, policyId, claims }).toEqual({
        status: "affirming",
        policyId: "accept-all",
        claims: { "instance-identity": 2 },
      });
    }
  });

  it("is the cloud's alone, and over afterwards", () => {
    const policies = (atMs: number, verifier: string) =>
      new Set(said(atMs, verifier).map(({ policyId }) => policyId));
    expect(policies(fromMs + HOUR_MS, "lab-verifier")).not.toContain("accept-all");
    expect(policies(fromMs - 1, "cloud-verifier")).not.toContain("accept-all");
    expect(policies(weakened?.toMs ?? 0, "cloud-verifier")).not.toContain("accept-all");
  });
});
