/**
 * What nodes and their lines of evidence were at each instant, from what was sent alone.
 *
 * A second implementation on purpose: it knows nothing of intervals that are stored and asks what held at an instant by
 * looking at all verdicts. Nothing of `lib` or `db` decides here.
 */

/** One verdict as it was sent; no two of one lane share an instant. */
export type Sent = {
  node: string;
  source: string;
  says: "good" | "warning" | "bad" | "unreachable";
  atMs: number;
  receivedMs: number;
  kid: string;
  /** What it states about each claim. */
  vector: readonly number[];
};

export type OracleSource = {
  name: string;
  createdMs: number;
  /** Silence for longer than this ends what was said; `null` = never. */
  limitMs: number | null;
  /** Evidence of these keys is worthless from an instant on, by either of its times. */
  distrusted: readonly { kid: string; sinceMs: number }[];
};

export type OracleWorld = {
  sent: readonly Sent[];
  sources: readonly OracleSource[];
  /** When each node was first heard of. */
  firstMs: ReadonlyMap<string, number>;
};

/** Half-open `[fromMs, toMs)`. */
export type Period = { fromMs: number; toMs: number; nowMs: number };

export type Word = "trusted" | "degraded" | "failed" | "stale" | "pending";
type LaneWord = Word | "stale after failure";

/** When a lane was first heard, by evidence that counts or not; later than any time when it never was. */
function heardMs({ sent }: OracleWorld, node: string, source: OracleSource): number {
  return Math.min(
    ...sent.filter((one) => one.node === node && one.source === source.name).map(({ atMs }) => atMs),
  );
}

/** What counts of one lane, oldest first. */
export function laneOf({ sent }: OracleWorld, node: string, source: OracleSource): Sent[] {
  return sent
    .filter((one) => one.node === node && one.source === source.name)
    .filter(
      ({ kid, atMs, receivedMs }) =>
        !source.distrusted.some(
          (rule) => rule.kid === kid && (atMs >= rule.sinceMs || receivedMs >= rule.sinceMs),
        ),
    )
    .sort((a, b) => a.atMs - b.atMs);
}

type Lane = { counted: readonly Sent[]; heardMs: number; limitMs: number | null };

/** What a lane says at an instant; `null` = nothing yet. One whose evidence is worthless says nothing, too. */
function laneWord(
  { counted, heardMs: firstMs, limitMs }: Lane,
  atMs: number,
  nowMs: number,
): LaneWord | null {
  const heard = counted.filter((one) => one.atMs <= atMs);
  const last = heard.at(-1);
  if (!last) return firstMs <= atMs ? "stale" : null;
  // Silence is judged where something was said later than the limit, or where now is later.
  const next = counted.find((one) => one.atMs > atMs)?.atMs ?? nowMs;
  const ends = limitMs === null ? Number.POSITIVE_INFINITY : last.atMs + limitMs;
  const silent = atMs >= ends && next > ends;
  if (silent || last.says === "unreachable") return failedBefore(heard) ? "stale after failure" : "stale";
  if (last.says === "good") return "trusted";
  return last.says === "warning" ? "degraded" : "failed";
}

/** The last thing that was said with any meaning was a failure. */
function failedBefore(heard: readonly Sent[]): boolean {
  const said = heard.findLast(({ says }) => says !== "unreachable");
  return said?.says === "bad";
}

/** What the built-in policy makes of the lanes of a node. */
function nodeWord(words: readonly LaneWord[]): Word {
  if (words.length === 0) return "pending";
  if (words.some((word) => word === "failed" || word === "stale after failure")) return "failed";
  if (words.every((word) => word === "stale")) return "stale";
  if (words.includes("degraded")) return "degraded";
  return words.includes("trusted") ? (words.includes("stale") ? "degraded" : "trusted") : "pending";
}

/** Instants at which something may change, ascending. */
function instantsOf(lanes: readonly Lane[], firstMs: number): number[] {
  const all = lanes.flatMap(({ counted, heardMs: laneMs, limitMs }) => [
    laneMs,
    ...counted.flatMap(({ atMs }) => (limitMs === null ? [atMs] : [atMs, atMs + limitMs])),
  ]);
  return [...new Set([firstMs, ...all])].sort((a, b) => a - b);
}

const lanesOf = (world: OracleWorld, node: string): Lane[] =>
  world.sources.map((source) => ({
    counted: laneOf(world, node, source),
    heardMs: heardMs(world, node, source),
    limitMs: source.limitMs,
  }));

/** The verdict that each line of evidence stood on at an instant; none of a line that was silent. */
export function standingOf(world: OracleWorld, node: string, atMs: number, nowMs: number): Sent[] {
  return lanesOf(world, node).flatMap((lane) => {
    const last = lane.counted.findLast((one) => one.atMs <= atMs);
    if (!last) return [];
    return last.says !== "unreachable" && laneWord(lane, atMs, nowMs)?.startsWith("stale") ? [] : last;
  });
}

/** The course of a node: each word with when it began; the last one goes on. */
export type Course = readonly { atMs: number; word: Word }[];

export function courseOf(world: OracleWorld, node: string, nowMs: number): Course {
  const lanes = lanesOf(world, node);
  const firstMs = Math.min(
    world.firstMs.get(node) ?? Number.POSITIVE_INFINITY,
    ...lanes.map((lane) => lane.heardMs),
  );
  const course: { atMs: number; word: Word }[] = [];
  for (const atMs of instantsOf(lanes, firstMs)) {
    if (atMs < firstMs || atMs > nowMs) continue;
    const words = lanes.flatMap((lane) => laneWord(lane, atMs, nowMs) ?? []);
    const word = nodeWord(words);
    if (course.at(-1)?.word !== word) course.push({ atMs, word });
  }
  return course;
}
