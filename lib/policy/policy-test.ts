/** Tests of a policy: facts, and what it must make of them. What a test leaves out is ordinary. */
import { z } from "zod";
import { TIERS } from "#lib/domain/ar4si";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import type { DriftFacts, LaneFacts, PolicyFacts } from "#lib/domain/policy";
import { LANE_STATES } from "#lib/domain/trust-status";
import { OUTCOMES } from "#lib/domain/verdict";

const Text = z.string().max(1000);

const Lane = z.strictObject({
  label: Text.default("lab"),
  source: Text.optional(),
  kind: Text.default(""),
  submod: Text.default(""),
  state: z.enum(LANE_STATES),
  tier: z.enum(TIERS).default("none"),
  outcome: z.enum(OUTCOMES).default("pending"),
  reason: Text.default("It says so"),
  afterFailure: z.boolean().default(false),
  silent: z.boolean().default(false),
});

const Drift = z.strictObject({
  label: Text.default("lab"),
  source: Text.optional(),
  submod: Text.default(""),
  worst: z.enum(["none", ...DRIFT_CLASSES]),
  effect: z.enum(["none", "note", "degrade", "fail"]),
  score: z.number().default(0),
  reason: Text.default("It differs"),
  baselines: z.array(Text).max(20).default([]),
});

const Node = z.strictObject({
  id: Text.default("00000000-0000-0000-0000-000000000001"),
  name: Text.default("node-1"),
  labels: z.record(Text, Text).default({}),
  identities: z.record(Text, z.array(Text).max(50)).default({}),
});

export const PolicyTest = z.strictObject({
  name: z.string().min(1).max(200),
  facts: z.strictObject({
    lanes: z.array(Lane).max(50).default([]),
    drift: z.array(Drift).max(50).default([]),
    node: Node.prefault({}),
  }),
  expect: z.strictObject({
    status: z.enum([...LANE_STATES]),
    rule: z.string().max(60).optional(),
    reason: Text.optional(),
  }),
});
export type PolicyTest = z.output<typeof PolicyTest>;

/** The facts of a test as a policy sees them. */
export function factsOf({ facts }: PolicyTest): PolicyFacts {
  const several = facts.lanes.length > 1;
  const says = (label: string, reason: string) => (several ? `${label}: ${reason}` : reason);
  return {
    node: facts.node,
    lanes: facts.lanes.map(
      (lane): LaneFacts => ({
        ...lane,
        source: lane.source ?? lane.label,
        says: says(lane.label, lane.reason),
      }),
    ),
    drift: facts.drift.map(
      (drift): DriftFacts => ({
        ...drift,
        source: drift.source ?? drift.label,
        says: says(drift.label, drift.reason),
      }),
    ),
  };
}
