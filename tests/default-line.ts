/** A node's own line as the built-in policy makes it, for tests that say what should be recorded. */
import { type FuseLane, fuseLanes } from "#lib/domain/fuse";
import type { LaneState } from "#lib/domain/trust-status";
import { BUILT_IN } from "#lib/policy/course";

export function defaultLine(
  lanes: readonly Pick<FuseLane, "label" | "intervals">[],
  seenFromMs: number,
): { fromMs: number; toMs: number | null; state: LaneState; reason: string }[] {
  const node = { id: "n", name: "n", labels: {}, identities: {} };
  const named = lanes.map((lane) => ({ ...lane, source: lane.label, kind: "", submod: "" }));
  const line = fuseLanes({ node, seenFromMs, lanes: named, drift: [], turns: [] }, (facts) =>
    BUILT_IN.decide(facts),
  );
  // The built-in policy exempts nobody.
  return line.map(({ fromMs, toMs, state, reason }) => ({ fromMs, toMs, state: state as LaneState, reason }));
}
