/** What a comparison shows: its request, its rows in reading order, and its layers in words. Pure. */
import type { ChangeView, CompareLane, NodeComparison } from "#lib/contracts/compare";
import { formatCompareRef } from "#lib/domain/compare-ref";
import { LAYERS, type Layer } from "#lib/domain/layers";
import type { CompareRequest } from "./node.ts";
import { shownInstant, type TimeTravel } from "./time-travel.ts";

/** Layers as people say them. */
export const LAYER_WORDS: Readonly<Record<Layer, string>> = {
  firmware: "Firmware",
  boot: "Boot chain",
  secure_boot: "Secure Boot",
  kernel: "Kernel",
  cmdline: "Kernel command line",
  ima_file: "Files (IMA)",
  container_runtime: "Container runtime",
  image: "Image",
  config: "Configuration",
  role: "Role",
};

/** The request of an address. On a page of the past the right side is that instant unless it says otherwise. */
export function compareRequest(
  { a, b }: { a: string | null; b: string | null },
  time: TimeTravel,
): CompareRequest {
  return { a, b: b ?? shownInstant(time), knownAt: time.knownAt };
}

/** Rows under one heading. `same` = entries of this group that do not differ. */
export type ChangeGroup = { key: string; title: string; changes: ChangeView[]; same: number };

/** Everything that differs about the node itself. */
export function nodeGroups({ standing, identities }: NodeComparison): ChangeGroup[] {
  return [
    { key: "standing", title: "Status", changes: standing, same: 0 },
    { key: "identities", title: "Identities", changes: identities, same: 0 },
  ].filter(({ changes }) => changes.length > 0);
}

/** The groups of a lane: what it says first, then its measurements by layer. Layers without entries are left out. */
export function laneGroups(lane: CompareLane): ChangeGroup[] {
  const said = [
    { key: "standing", title: "Verdict", changes: lane.standing },
    { key: "claims", title: "Claims", changes: lane.claims },
    { key: "coverage", title: "Coverage", changes: lane.coverage },
    { key: "policies", title: "Policies", changes: lane.policies },
    { key: "verifier", title: "Verifier", changes: lane.verifier },
  ].map((group) => ({ ...group, same: 0 }));
  const measured = LAYERS.map((layer) => ({
    key: layer,
    title: LAYER_WORDS[layer],
    changes: lane.measurements.filter((change) => change.layer === layer),
    same: lane.same[layer],
  }));
  return [...said, ...measured].filter(({ changes, same }) => changes.length > 0 || same > 0);
}

/** "2 added, 1 removed, 3 changed": kinds without a change are left out. */
export function countWords({ added, removed, changed }: NodeComparison["counts"]): string {
  const parts = [
    [added, "added"],
    [removed, "removed"],
    [changed, "changed"],
  ] as const;
  return parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
}

/** The instants right before and at an instant, as the two sides of a comparison. */
export function aroundInstant(iso: string): { a: string; b: string } {
  return { a: new Date(Date.parse(iso) - 1).toISOString(), b: iso };
}

/** A baseline as one side of a comparison. @param version `null` = what held for the node then */
export function baselineRef(baselineId: string, version: number | null): string {
  return formatCompareRef({ kind: "baseline", baselineId, version });
}
