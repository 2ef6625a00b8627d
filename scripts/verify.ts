/**
 * `npm run verify`: every check that needs neither database nor browser.
 *
 * Usage: node scripts/verify.ts [gate…]
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** One check: it holds when its command ends with 0. */
export type Gate = {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** The script that the command runs, when it is ours: its absence is a failure, said clearly. */
  readonly needs?: string;
};

/** Where the test gate leaves Vitest's report. */
const REPORT = "test-results/unit.json";

/** All gates, the slow ones first: the order in which they are started. */
export const GATES: readonly Gate[] = [
  { name: "types", command: ["tsc", "--noEmit"] },
  {
    name: "tests",
    command: [
      "vitest",
      "run",
      "--project=unit",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${REPORT}`,
    ],
  },
  { name: "dead code", command: ["knip", "--no-progress"] },
  { name: "format and lint", command: ["biome", "ci", "--error-on-warnings", "."] },
  {
    name: "openapi",
    command: ["node", "--conditions=react-server", "scripts/openapi.ts", "--check"],
    needs: "scripts/openapi.ts",
  },
  {
    name: "lockfile",
    command: ["node", "scripts/repair-lock.ts", "--check"],
    needs: "scripts/repair-lock.ts",
  },
  {
    name: "doc references",
    command: ["node", "scripts/check-doc-refs.ts"],
    needs: "scripts/check-doc-refs.ts",
  },
];

/** Gates that run at a time; two fill the smallest machine that we develop on. */
const AT_A_TIME = 2;

export type Outcome = { gate: Gate; seconds: number; ok: boolean; output: string };

/** Run one gate in `root`. Never rejects: a command that cannot start is a failed gate. */
export function runGate(gate: Gate, root: string): Promise<Outcome> {
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let output = "";
  const done = (ok: boolean): void =>
    resolve({ gate, seconds: (performance.now() - startedAt) / 1000, ok, output });
  if (gate.needs !== undefined && !existsSync(join(root, gate.needs))) {
    output = `${gate.needs} is missing`;
    done(false);
    return promise;
  }
  const [program, ...args] = gate.command;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: join(root, "node_modules/.bin") + delimiter + (process.env.PATH ?? "") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.once("error", (error) => {
    output += error.message;
    done(false);
  });
  child.once("close", (code) => done(code === 0));
  return promise;
}

function print({ gate, seconds, ok, output }: Outcome): void {
  console.log(`${ok ? "ok    " : "FAILED"} ${gate.name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s`);
  for (const note of stripVTControlCharacters(output).match(/^note: .*$/gm) ?? [])
    console.log(`       ${note}`);
  if (!ok) console.log(`       $ ${gate.command.join(" ")}\n${output.trimEnd().replace(/^/gm, "       ")}\n`);
}

/** Test totals for whoever started us; a run that reported nothing counts as one failure. */
function writeSummary(path: string, report: string): void {
  const { numPassedTests, numFailedTests } = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as { numPassedTests: number; numFailedTests: number })
    : { numPassedTests: 0, numFailedTests: 1 };
  writeFileSync(path, `${JSON.stringify({ passed: numPassedTests, failed: numFailedTests })}\n`);
}

/** Run gates side by side in `root` and print each as it ends; whether all held. */
export async function verify(root: string, gates: readonly Gate[]): Promise<boolean> {
  const startedAt = performance.now();
  const report = join(root, REPORT);
  rmSync(report, { force: true });
  const outcomes: Outcome[] = [];
  const waiting = [...gates];
  const lane = async (): Promise<void> => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
      const outcome = await runGate(gate, root);
      outcomes.push(outcome);
      print(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  const summary = process.env.TOUCHSTONE_TEST_SUMMARY;
  if (summary) writeSummary(summary, report);
  const failed = outcomes.filter(({ ok }) => !ok);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    failed.length === 0
      ? `${outcomes.length} gates hold (${seconds} s)`
      : `${failed.length} of ${outcomes.length} gates failed: ${failed.map(({ gate }) => gate.name).join(", ")} (${seconds} s)`,
  );
  return failed.length === 0;
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  const chosen = GATES.filter(({ name }) => names.length === 0 || names.includes(name));
  const unknown = names.filter((name) => !GATES.some((gate) => gate.name === name));
  if (unknown.length > 0) {
    console.error(`no gate ${unknown.join(", ")}; there are: ${GATES.map(({ name }) => name).join(", ")}`);
    process.exitCode = 2;
  } else {
    process.exitCode = (await verify(join(import.meta.dirname, ".."), chosen)) ? 0 : 1;
  }
}
