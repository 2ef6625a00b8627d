/**
 * B23: the exact differences of two sets of 5,000 measurements, against a look-up by scanning.
 * B23-classify: the same sets against a baseline of 5,000 entries, compared and every difference judged.
 *
 * Baseline of both: the same answer by searching the other list for each path, as a diff without an index does. One in
 * a hundred entries was changed, one removed and one added. Besides the ratios, both together must stay within 20 ms
 * of a core at the median, and one removed entry must be one change and one finding.
 */
import { diffMeasurements } from "#lib/domain/diff-measurements";
import { assessDrift } from "#lib/domain/drift-classify";
import { DEFAULT_SETTINGS } from "#lib/domain/drift-settings";
import type { Measurements } from "#lib/domain/verdict";
import { type BenchResult, median, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 15;
const ENTRIES = 5_000;
const TIMES = 10;
const LIMIT_MS = 20;
const CEILING = 0.1;

type Entry = readonly [path: string, value: string];

function sets(): { a: Entry[]; b: Entry[] } {
  const a = Array.from(
    { length: ENTRIES },
    (_, n): Entry => [`ima/usr/lib/module-${n}.so`, `sha256:${n.toString(16).padStart(64, "0")}`],
  );
  const kept = a.filter((_, n) => n % 100 !== 1);
  const changed = kept.map(([path, value], n): Entry => [path, n % 100 === 0 ? `${value}*` : value]);
  const added = Array.from({ length: ENTRIES / 100 }, (_, n): Entry => [`ima/opt/new-${n}`, `${n}`]);
  return { a, b: [...changed, ...added] };
}

/** Paths that differ, each found by walking the other list. */
function scan(a: readonly Entry[], b: readonly Entry[]): string[] {
  const valueIn = (list: readonly Entry[], path: string) => list.find((entry) => entry[0] === path)?.[1];
  const differing = a.filter(([path, value]) => valueIn(b, path) !== value).map(([path]) => path);
  const added = b.filter(([path]) => valueIn(a, path) === undefined).map(([path]) => path);
  return [...differing, ...added].sort();
}

/** Time of the processor that this thread was given: the promise is for a core, and a busy machine shares its own. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Ten times, because the processor's time is told in steps of milliseconds. */
function repeated<T>(work: () => T): T {
  for (let time = 1; time < TIMES; time += 1) work();
  return work();
}

/** What judges the second set by a baseline of the first. */
function judgeBy(a: readonly Entry[]) {
  const content = {
    scope: [""],
    entries: Object.fromEntries(a.map(([path, value]) => [path, [value]])),
    ignore: [],
    tolerances: {},
  };
  const target = { version: 1, content, ignores: () => false };
  const expectation = { id: "b", name: "bench", target, accepted: [], exceptions: [] };
  const moment = { windows: [], settings: DEFAULT_SETTINGS, role: null };
  return (measured: Measurements) => assessDrift(measured, [expectation], moment);
}

function refuseWrong(left: Measurements, judge: ReturnType<typeof judgeBy>): void {
  const { [`ima/usr/lib/module-${ENTRIES / 2}.so`]: gone, ...rest } = left;
  const [changes, { list }] = [diffMeasurements(left, rest), judge(rest)];
  if (gone === undefined || changes.length !== 1 || list.length !== 1 || list[0]?.kind !== "removed") {
    throw new Error("one removed entry is not one change");
  }
}

export async function benchDiff(log: (line: string) => void): Promise<BenchResult> {
  const { a, b } = sets();
  const [left, right] = [Object.fromEntries(a), Object.fromEntries(b)];
  const judge = judgeBy(a);
  refuseWrong(left, judge);
  const runs: Run[] = [];
  const judged: Run[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const startedMs = cpuMs();
    const changes = repeated(() => diffMeasurements(left, right));
    const diffedMs = cpuMs();
    const { findings } = repeated(() => judge(right));
    const judgedMs = cpuMs();
    const paths = scan(a, b);
    const endedMs = cpuMs();
    const found = Object.values(findings).reduce((sum, count) => sum + count, 0);
    if (
      found !== paths.length ||
      changes.length !== paths.length ||
      changes.some(({ path }, n) => path !== paths[n])
    ) {
      throw new Error("the answers differ");
    }
    // The first run warms the compiler and does not count.
    if (run === 0) continue;
    const [diffMs, judgeMs] = [(diffedMs - startedMs) / TIMES, (judgedMs - diffedMs) / TIMES];
    const baselineMs = endedMs - judgedMs;
    runs.push(runOf(diffMs, baselineMs));
    judged.push(runOf(judgeMs, baselineMs));
    log(
      `run ${run}: ${changes.length} changes in ${diffMs.toFixed(2)} ms, judged in ${judgeMs.toFixed(2)} ms, scanning ${baselineMs.toFixed(1)} ms`,
    );
  }
  const usual = median(runs.map(({ candidate }, n) => candidate + (judged[n]?.candidate ?? 0)));
  if (usual > LIMIT_MS) throw new Error(`${usual.toFixed(1)} ms is longer than ${LIMIT_MS} ms`);
  log(`both together: ${usual.toFixed(2)} ms at the median`);
  return {
    ...resultOf({ ceiling: CEILING }, runs),
    also: { "B23-classify": resultOf({ ceiling: CEILING }, judged) },
  };
}
