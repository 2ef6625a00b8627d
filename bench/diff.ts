/**
 * B23: the exact differences of two sets of 5,000 measurements, against a look-up by scanning.
 *
 * Candidate: the product's keyed difference. Baseline: the same answer by searching the other list for each path,
 * as a diff without an index does. One in a hundred entries was changed, one removed and one added. Besides the ratio
 * the median of the candidate must stay within 20 ms.
 */
import { diffMeasurements } from "#lib/domain/diff-measurements";
import { type BenchResult, median, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 15;
const ENTRIES = 5_000;
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

export async function benchDiff(log: (line: string) => void): Promise<BenchResult> {
  const { a, b } = sets();
  const [left, right] = [Object.fromEntries(a), Object.fromEntries(b)];
  const runs: Run[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const startedMs = performance.now();
    const changes = diffMeasurements(left, right);
    const betweenMs = performance.now();
    const paths = scan(a, b);
    const endedMs = performance.now();
    if (changes.length !== paths.length || changes.some(({ path }, n) => path !== paths[n])) {
      throw new Error("the answers differ");
    }
    // The first run warms the compiler and does not count.
    if (run === 0) continue;
    const [candidateMs, baselineMs] = [betweenMs - startedMs, endedMs - betweenMs];
    runs.push(runOf(candidateMs, baselineMs));
    log(
      `run ${run}: ${changes.length} changes in ${candidateMs.toFixed(2)} ms, scanning ${baselineMs.toFixed(1)} ms`,
    );
  }
  const usual = median(runs.map(({ candidate }) => candidate));
  if (usual > LIMIT_MS) throw new Error(`${usual.toFixed(1)} ms is longer than ${LIMIT_MS} ms`);
  return resultOf({ ceiling: CEILING }, runs);
}
