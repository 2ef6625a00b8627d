/**
 * Benchmarks as ratios: `npm run bench -- B1`.
 *
 * Candidate and baseline run in turn, in one process tree, on one database; the last line on stdout
 * is one JSON document. Absolute figures go to stderr: machines differ, ratios travel.
 */
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { benchDiff } from "./diff.ts";
import { benchFleetAsOf } from "./fleet-as-of.ts";
import { benchHistorySize } from "./history-size.ts";
import { benchIngest } from "./ingest.ts";

/**
 * One measured row, median over the runs. `ratio` = candidate / baseline: of rates where more is better
 * (`floor`), of times or sizes where less is (`ceiling`).
 */
export type BenchResult = { ratio: number; spread: number; runs: number } & (
  | { floor: number }
  | { ceiling: number }
);
export type Bench = (log: (line: string) => void) => Promise<BenchResult>;

const ROWS: Readonly<Record<string, Bench>> = {
  B1: benchIngest,
  B5: benchHistorySize,
  B6: benchFleetAsOf,
  B23: benchDiff,
};

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function revision(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

const row = process.argv[2] ?? "";
const bench = ROWS[row];
if (!bench) {
  log(`Usage: npm run bench -- ROW, where ROW is one of ${Object.keys(ROWS).join(", ")}`);
  process.exit(2);
}
log(
  `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}, revision ${revision()}, load ${loadavg()[0]?.toFixed(1)}`,
);
const result = await bench(log);
log(`load after: ${loadavg()[0]?.toFixed(1)}`);
process.stdout.write(`${JSON.stringify({ row, ...result })}\n`);
