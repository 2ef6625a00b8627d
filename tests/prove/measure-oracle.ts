/**
 * What the figures of a fleet should be, from what was sent alone.
 *
 * A second implementation on purpose: it knows nothing of intervals that are stored, asks what held at every
 * instant by looking at all verdicts, and adds up by hand. Nothing of `lib` or `db` decides here.
 */

/** One verdict as it was sent; no two of one lane share an instant. */
export type Sent = {
  node: string;
  source: string;
  says: "good" | "warning" | "bad" | "unreachable";
  atMs: number;
  receivedMs: number;
  kid: string;
};

export type OracleSource = {
  name: string;
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

export type Period = { fromMs: number; toMs: number; nowMs: number };

export type Figures = {
  time: { met: number; missed: number; stale: number; notCovered: number };
  detect: Spread & { notCovered: number };
  restore: Spread & { open: number; openOver: number };
  coverage: { met: number; stale: number; notCovered: number };
  age: Spread;
};
type Spread = { n: number; p50: number | null; p90: number | null; p95: number | null };

const DAY = 86_400_000;

type Word = "trusted" | "degraded" | "failed" | "stale" | "pending";
type LaneWord = Word | "stale after failure";

/** When a lane was first heard, by evidence that counts or not; later than any time when it never was. */
function heardMs({ sent }: OracleWorld, node: string, source: OracleSource): number {
  return Math.min(
    ...sent.filter((one) => one.node === node && one.source === source.name).map(({ atMs }) => atMs),
  );
}

/** What counts of one lane, oldest first. */
function laneOf({ sent }: OracleWorld, node: string, source: OracleSource): Sent[] {
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

/** The course of one node: each word with when it began; the last one goes on. */
function courseOf(world: OracleWorld, node: string, nowMs: number): { atMs: number; word: Word }[] {
  const lanes = world.sources.map((source): Lane => {
    const { limitMs } = source;
    return { counted: laneOf(world, node, source), heardMs: heardMs(world, node, source), limitMs };
  });
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

/** The value that a part `q` of all does not exceed: count up until enough of them are passed. */
function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => sorted.find((_, index) => index + 1 >= q * sorted.length) ?? null;
  return { n: sorted.length, p50: at(0.5), p90: at(0.9), p95: at(0.95) };
}

export function figuresOf(world: OracleWorld, period: Period): Figures {
  const nodes = [...world.firstMs.keys()];
  const time = { met: 0, missed: 0, stale: 0, notCovered: 0 };
  const restores: number[] = [];
  const coverage = { met: 0, stale: 0, notCovered: 0 };
  const ages: number[] = [];
  let [open, openOver] = [0, 0];
  for (const node of nodes) {
    const course = courseOf(world, node, period.nowMs);
    addTime(time, course, period);
    for (const { beganMs, restoredMs } of failuresOf(course, period.toMs)) {
      if (restoredMs === null) {
        open += 1;
        if (period.toMs - beganMs > DAY) openOver += 1;
      } else if (restoredMs >= period.fromMs) restores.push(restoredMs - beganMs);
    }
    if ((course[0]?.atMs ?? Number.POSITIVE_INFINITY) > period.toMs) continue;
    const ageMs = ageOf(world, node, period.toMs);
    if (ageMs === null) coverage.notCovered += 1;
    else {
      ages.push(ageMs);
      coverage[ageMs <= DAY ? "met" : "stale"] += 1;
    }
  }
  return {
    time,
    detect: detectionsOf(world, nodes, period),
    restore: { ...spread(restores), open, openOver },
    coverage,
    age: spread(ages),
  };
}

function addTime(
  time: Figures["time"],
  course: readonly { atMs: number; word: Word }[],
  { fromMs, toMs }: Period,
): void {
  for (const [index, { atMs, word }] of course.entries()) {
    const ends = course[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const ms = Math.min(ends, toMs) - Math.max(atMs, fromMs);
    if (ms <= 0) continue;
    if (word === "trusted") time.met += ms;
    else if (word === "stale") time.stale += ms;
    else if (word === "pending") time.notCovered += ms;
    else time.missed += ms;
  }
}

function failuresOf(course: readonly { atMs: number; word: Word }[], toMs: number) {
  const failures: { beganMs: number; restoredMs: number | null }[] = [];
  for (const { atMs, word } of course) {
    if (atMs >= toMs) break;
    const last = failures.at(-1);
    if (word === "failed" && last?.restoredMs !== null) failures.push({ beganMs: atMs, restoredMs: null });
    if (word === "trusted" && last?.restoredMs === null) last.restoredMs = atMs;
  }
  return failures;
}

/** How old the newest evidence about a node was; `null` = there was none. */
function ageOf(world: OracleWorld, node: string, atMs: number): number | null {
  const heard = world.sources.flatMap((source) =>
    laneOf(world, node, source)
      .filter((one) => one.atMs <= atMs)
      .map((one) => one.atMs),
  );
  return heard.length === 0 ? null : atMs - Math.max(...heard);
}

/** Each failure of a lane is a bad verdict with no other bad one since the last good one. */
function detectionsOf(
  world: OracleWorld,
  nodes: readonly string[],
  { fromMs, toMs }: Period,
): Figures["detect"] {
  const lengths: number[] = [];
  let notCovered = 0;
  for (const node of nodes) {
    for (const source of world.sources) {
      let passedMs: number | null = null;
      let failing = false;
      for (const { says, atMs, receivedMs } of laneOf(world, node, source)) {
        if (says === "good") [passedMs, failing] = [atMs, false];
        if (says !== "bad" || failing) continue;
        failing = true;
        if (atMs < fromMs || atMs >= toMs) continue;
        if (passedMs === null) notCovered += 1;
        else lengths.push(receivedMs - passedMs);
      }
    }
  }
  return { ...spread(lengths), notCovered };
}
