/**
 * Groups of drift: one change, however many nodes show it, and what becomes of it.
 *
 * Pure. A group is named by the fingerprint of the change. It is over once nobody shows the change any
 * more, and what is over never opens again: when the change comes back, a new group follows the old one and says so.
 * Times are epoch milliseconds.
 */
import type { DriftClass } from "./drift.ts";

export const GROUP_STATES = [
  "undecided",
  "regressed",
  "accepted",
  "ignored",
  "remediating",
  "resolved",
] as const;
/** `regressed` waits for a decision like `undecided`, but something was decided or seen before. */
export type GroupState = (typeof GROUP_STATES)[number];

export const GROUP_LINKS = [
  "recurred",
  "changed_again",
  "exception_over",
  "beyond_exception",
  "draft_withdrawn",
] as const;
/** Why a group follows an earlier one. */
export type GroupLink = (typeof GROUP_LINKS)[number];

/** Nobody shows the change for this long: then it is over. A node that restarts is not the end of it. */
export const QUIET_MS = 15 * 60_000;

/** What is known about the nodes that show the change, since the last group of it was over. */
export type GroupFacts = {
  /** Nodes that show it now without anybody's leave. */
  open: number;
  /** Of these, nodes that are not about to be compared again. */
  settled: number;
  /** Nodes on which an exception allows it now. */
  excepted: number;
  firstMs: number;
  /** When the last node came to show it. */
  spreadMs: number;
  /** When the last node stopped showing it; only when `open` is 0. */
  goneMs: number;
};

export type LiveGroup = {
  state: GroupState;
  /** `null` = not over. */
  endedMs: number | null;
  /** What a decision rested on does not hold any more: the exception is over, the draft was withdrawn. */
  groundGone: boolean;
};

export type GroupStep =
  /** Nothing is known that a group could be made of. */
  | { do: "nothing" }
  /** A new group, over already when the change is gone; `link` when an earlier one is known. */
  | { do: "open"; state: "undecided" | "regressed" | "resolved"; link: GroupLink | null }
  /** The group goes on; its figures are written anew. */
  | { do: "keep"; state: GroupState }
  | { do: "end"; state: GroupState }
  /** It is over, and a new one begins with the nodes that still show the change. */
  | { do: "follow"; link: GroupLink };

/**
 * What becomes of the newest group of a change.
 *
 * @param group `null` = there was none
 * @param facts `null` = nobody shows it, or what was found is not believed any more
 * @param acceptedBefore another value of the same path was accepted for the same baseline
 */
export function groupStep(
  group: LiveGroup | null,
  facts: GroupFacts | null,
  { acceptedBefore, nowMs }: { acceptedBefore: boolean; nowMs: number },
): GroupStep {
  const isOver = facts === null || (facts.open === 0 && facts.excepted === 0 && quiet(facts, nowMs));
  if (!group || group.endedMs !== null) {
    if (!facts || (facts.open === 0 && facts.excepted > 0)) return { do: "nothing" };
    const link = group ? "recurred" : acceptedBefore ? "changed_again" : null;
    return { do: "open", state: isOver ? "resolved" : link ? "regressed" : "undecided", link };
  }
  const open = facts?.open ?? 0;
  switch (group.state) {
    case "undecided":
    case "regressed":
    case "remediating":
      if (isOver) return { do: "end", state: "resolved" };
      return { do: "keep", state: open === 0 && (facts?.excepted ?? 0) > 0 ? "ignored" : group.state };
    case "accepted":
      if (group.groundGone && open > 0) return { do: "follow", link: "draft_withdrawn" };
      return isOver ? { do: "end", state: "accepted" } : { do: "keep", state: "accepted" };
    case "ignored":
      if ((facts?.settled ?? 0) > 0)
        return { do: "follow", link: group.groundGone ? "exception_over" : "beyond_exception" };
      return isOver ? { do: "end", state: "ignored" } : { do: "keep", state: "ignored" };
    case "resolved":
      return { do: "end", state: "resolved" };
  }
}

const quiet = ({ goneMs }: GroupFacts, nowMs: number) => nowMs - goneMs >= QUIET_MS;

export const GROUP_DECISIONS = ["record", "ignore", "remediate", "assign", "snooze"] as const;
export type GroupDecision = (typeof GROUP_DECISIONS)[number];

/** States in which a person may still decide what becomes of a group. */
const DECIDABLE: readonly GroupState[] = ["undecided", "regressed", "remediating"];

/** Whether a decision is still to be taken; who comes second is told who was first. */
export function isDecidable({ state, endedMs }: Pick<LiveGroup, "state" | "endedMs">): boolean {
  return endedMs === null && DECIDABLE.includes(state);
}

/** How little a class explains. */
const UNEXPLAINED: Readonly<Record<DriftClass, number>> = {
  authorised: 0,
  benign: 0.25,
  unexplained: 1,
  malicious_like: 2,
};

/**
 * What should be looked at first: severity × spread × how little explains it.
 *
 * Twice the nodes add one more step, so that one malicious-like change of the firmware is not buried
 * under a configuration file that changed everywhere.
 *
 * @param score what the worst single finding weighs
 */
export function priorityOf({
  score,
  nodes,
  worst,
}: {
  score: number;
  nodes: number;
  worst: DriftClass;
}): number {
  return score * (1 + Math.log2(Math.max(1, nodes))) * UNEXPLAINED[worst];
}

export const URGENCIES = ["urgent", "high", "medium", "low"] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Priority in a word. A malicious-like finding (weight 100) is urgent on a single node. */
export function urgencyOf(priority: number): Urgency {
  if (priority >= 200) return "urgent";
  if (priority >= 80) return "high";
  return priority >= 20 ? "medium" : "low";
}

/** Nodes that came to show a change in the last hour; not extrapolated from less. */
export function spreadPerHour(firstSeenMs: readonly number[], nowMs: number): number {
  return firstSeenMs.filter((at) => at > nowMs - 3_600_000 && at <= nowMs).length;
}

/** New nodes per bucket of `[fromMs, toMs)`, the last bucket with its end. */
export function spreadSeries(
  firstSeenMs: readonly number[],
  { fromMs, toMs, buckets }: { fromMs: number; toMs: number; buckets: number },
): number[] {
  const series = Array.from({ length: buckets }, () => 0);
  const widthMs = Math.max(1, toMs - fromMs) / buckets;
  for (const at of firstSeenMs) {
    if (at < fromMs || at > toMs) continue;
    const place = Math.min(buckets - 1, Math.floor((at - fromMs) / widthMs));
    series[place] = (series[place] ?? 0) + 1;
  }
  return series;
}

/** From best to worst, as in {@link DriftClass}. */
const RANK: Readonly<Record<DriftClass, number>> = {
  authorised: 0,
  benign: 1,
  unexplained: 2,
  malicious_like: 3,
};

export const rankOf = (worst: DriftClass): number => RANK[worst];

/** Put aside until an instant, at the group's extent of then. */
export type Snooze = { untilMs: number; nodes: number; rank: number };

/** Whether it is still put aside: not past its instant, not spread further, not worse than then. */
export function isSnoozed(
  snooze: Snooze | null,
  { nodes, worst }: { nodes: number; worst: DriftClass },
  nowMs: number,
): boolean {
  return snooze !== null && nowMs < snooze.untilMs && nodes <= snooze.nodes && RANK[worst] <= snooze.rank;
}

/** Times that people decided about the same path and layer before, by what they decided. */
export type PastDecisions = { record: number; ignore: number; remediate: number };

/** Decisions that agree, before anything is suggested of them. */
const SUGGEST_FROM = 3;
const SUGGEST_SHARE = 0.8;

/**
 * What people usually decided about this path; `null` = too little, or they did not agree.
 *
 * Never to ignore what looks like an attack: that habit is what an attacker would wait for.
 */
export function suggestionOf(past: PastDecisions, worst: DriftClass): keyof PastDecisions | null {
  const total = past.record + past.ignore + past.remediate;
  const verbs = ["record", "ignore", "remediate"] as const;
  const verb = verbs.find((one) => past[one] >= SUGGEST_FROM && past[one] >= total * SUGGEST_SHARE);
  if (!verb || (worst === "malicious_like" && verb !== "remediate")) return null;
  return verb;
}

/** The evidence for a suggestion, as a sentence: figures first, so that people can judge it. */
export function pastSentence({ record, ignore, remediate }: PastDecisions): string {
  const times = (count: number) => (count === 1 ? "1 time" : `${count} times`);
  return `${times(ignore)} ignored, ${times(record)} accepted, ${times(remediate)} remediated for this path and layer`;
}
