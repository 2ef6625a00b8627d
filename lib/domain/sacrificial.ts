/** Nodes on which recipes may be drilled for real. Pure; times are epoch milliseconds. */
import { isoInstant } from "./iso-instant.ts";
import type { PlanCheck } from "./remediation-plan.ts";

/** A mark ends by itself after this at the latest. */
export const MARK_MAX_MS = 30 * 86_400_000;

/** Marks as plans see them. */
export type MarkFacts = { id: string; nodeId: string; expiresMs: number };

/** The origin of a request that is a drill for real: a request like any other besides. */
export const REAL_DRILL = "real_drill";

type Drilled = { nodeId: string; name: string; quorum: string | null };

/**
 * Whether a recipe may be drilled on some nodes: each is marked until the start at least, and serves no quorum. One
 * check for each node.
 *
 * @param startMs when it would be begun at the earliest
 */
export function drillChecks(
  nodes: readonly Drilled[],
  marks: readonly MarkFacts[],
  startMs: number,
): PlanCheck[] {
  return nodes.map(({ nodeId, name, quorum }) => {
    const mark = marks.find((one) => one.nodeId === nodeId);
    const base = { rule: "drill/sacrificial", source: "fleet", about: name, blocking: true } as const;
    if (quorum !== null)
      return { ...base, ok: false, sentence: `${name} serves ${quorum}: no recipe is drilled on it.` };
    if (!mark) return { ...base, ok: false, sentence: `${name} is not marked as sacrificial.` };
    const end = isoInstant(mark.expiresMs);
    return mark.expiresMs > startMs
      ? { ...base, ok: true, sentence: `${name} is marked as sacrificial until ${end}.` }
      : { ...base, ok: false, sentence: `The mark of ${name} ends at ${end}, before it would be begun.` };
  });
}

/** Ids of marks as a plan names them. */
export const markIds = (marks: readonly Pick<MarkFacts, "id">[]): string[] =>
  marks.map(({ id }) => id).sort();
