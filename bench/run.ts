/**
 * Benchmarks as ratios: `npm run bench -- B1`.
 *
 * Candidate and baseline run in turn, in one process tree, on one database; the last line on stdout
 * is one JSON document, and every run is kept in `bench/results/`. Absolute figures go to stderr:
 * machines differ, ratios travel.
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { benchAdmission } from "./admission.ts";
import { benchAuditedChange, benchAuditVerify } from "./audit.ts";
import { benchDiff } from "./diff.ts";
import { benchDistrust, benchDistrustFull } from "./distrust.ts";
import { benchExport } from "./export.ts";
import { benchFleetAsOf } from "./fleet-as-of.ts";
import { benchHistorySize } from "./history-size.ts";
import { benchDuplicates, benchIngest, benchListener, benchSigned } from "./ingest.ts";
import { benchBacktest, benchPolicy } from "./policy.ts";
import type { BenchResult } from "./ratios.ts";
import { benchReport } from "./report.ts";
import { benchFigures } from "./report-figures.ts";

type Bench = (log: (line: string) => void) => Promise<BenchResult>;

const ROWS: Readonly<Record<string, Bench>> = {
  B1: benchIngest,
  B2: benchSigned,
  B3: benchDuplicates,
  B4: benchListener,
  B5: benchHistorySize,
  B6: benchFleetAsOf,
  B12: benchAuditedChange,
  B13: benchAuditVerify,
  B21: benchDistrust,
  "B21-full": benchDistrustFull,
  B23: benchDiff,
  B31: benchPolicy,
  B32: benchBacktest,
  B33: benchAdmission,
  B34: benchReport,
  B35: benchFigures,
  B36: benchExport,
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
const machine = {
  cores: cpus().length,
  node: process.version,
  revision: revision(),
  loadBefore: loadavg(),
};
log(
  `${machine.cores} cores, Node ${machine.node}, revision ${machine.revision}, load ${loadavg()[0]?.toFixed(1)}`,
);
const { also = {}, ...main } = await bench(log);
log(`load after: ${loadavg()[0]?.toFixed(1)}`);
const summaries = [];
for (const [name, { each, ...result }] of Object.entries({ [row]: main, ...also })) {
  const raw = { row: name, at: new Date().toISOString(), ...machine, loadAfter: loadavg(), ...result, each };
  await writeFile(join(import.meta.dirname, "results", `${name}.json`), `${JSON.stringify(raw)}\n`);
  summaries.push({ row: name, ...result });
}
const [summary, ...others] = summaries;
process.stdout.write(`${JSON.stringify(others.length > 0 ? { ...summary, also: others } : summary)}\n`);
