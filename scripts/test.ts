/**
 * `npm test`: everything that must hold, in order of cost, with one total.
 *
 * Usage: node scripts/test.ts [--only=verify,db,build,launcher,e2e]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { provideBrowser } from "./find-browser.ts";
import {
  type Counts,
  playwrightCounts,
  sectionCounts,
  summaryCounts,
  total,
  vitestCounts,
} from "./test-counts.ts";

const root = join(import.meta.dirname, "..");
const { isCurrent } = createRequire(import.meta.url)("./build.cjs") as { isCurrent(): boolean };

type Section = {
  name: string;
  command: string[];
  /** Reads the report that the command wrote; null for a command that counts nothing. */
  counts: ((report: unknown) => Counts) | null;
  env?: (reportFile: string) => Record<string, string> | Promise<Record<string, string>>;
  /** True when there is nothing to do. */
  skip?: () => boolean;
  /** It starts the product as users do, so it fails at once without a build. */
  needsBuild?: true;
};

const node = (...args: string[]) => [process.execPath, ...args];
const vitest = (project: string, report: string): Section => ({
  name: project,
  command: node(
    "node_modules/vitest/vitest.mjs",
    "run",
    `--project=${project}`,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ),
  counts: vitestCounts,
});

function sectionsOf(reportOf: (name: string) => string): Section[] {
  return [
    {
      name: "verify", // runs and counts the unit tests
      command: node("--disable-warning=ExperimentalWarning", "scripts/verify.ts"),
      counts: summaryCounts,
      env: (report) => ({ TOUCHSTONE_TEST_SUMMARY: report }),
    },
    vitest("db", reportOf("db")),
    { name: "build", command: node("scripts/build.cjs"), counts: null, skip: () => isCurrent() },
    { ...vitest("launcher", reportOf("launcher")), needsBuild: true },
    {
      name: "e2e",
      needsBuild: true,
      command: node("node_modules/@playwright/test/cli.js", "test"),
      counts: playwrightCounts,
      env: async (report) => ({ PLAYWRIGHT_JSON_OUTPUT_FILE: report, CHROMIUM_PATH: await provideBrowser() }),
    },
  ];
}

let running: ChildProcess | null = null;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}
// npm or the script that started us was killed: do not go on unseen.
process.on("disconnect", () => {
  interrupted = true;
  running?.kill("SIGTERM");
});

/** Run a section's command to its end. Exit code; 1 for a signal or a command that cannot start. */
function run(command: readonly string[], env: Record<string, string>): Promise<number> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: "test",
        NO_COLOR: "1",
        FORCE_COLOR: undefined,
        ...env,
      } as NodeJS.ProcessEnv,
      stdio: ["ignore", "inherit", "inherit"],
    });
    running = child;
    child.once("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function runSection(section: Section, reportFile: string): Promise<Counts> {
  let status = 1;
  try {
    status = await run(section.command, (await section.env?.(reportFile)) ?? {});
  } catch (error) {
    console.error((error as Error).message);
  }
  let report: unknown = null;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch {
    // No report: sectionCounts makes a failure of it unless the section has none.
  }
  return sectionCounts({ status, report, read: section.counts });
}

const only = process.argv
  .slice(2)
  .find((argument) => argument.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");
const reports = mkdtempSync(join(tmpdir(), "touchstone-reports-"));
const reportOf = (name: string) => join(reports, `${name}.json`);
const results: { name: string; counts: Counts; seconds: number; note: string }[] = [];
try {
  const sections = sectionsOf(reportOf);
  const unknown = only?.filter((name) => !sections.some((section) => section.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `no section ${unknown.join(", ")}; there are ${sections.map((section) => section.name).join(", ")}`,
    );
  for (const section of sections) {
    if (only && !only.includes(section.name)) continue;
    const startMs = performance.now();
    console.log(`\n=== ${section.name}`);
    const buildFailed =
      section.needsBuild && results.some(({ name, counts }) => name === "build" && counts.failed > 0);
    const skipped = section.skip?.() ?? false;
    const counts =
      interrupted || buildFailed
        ? { passed: 0, failed: 1 }
        : skipped
          ? { passed: 0, failed: 0 }
          : await runSection(section, reportOf(section.name));
    const note = interrupted
      ? "interrupted"
      : buildFailed
        ? "not run: no build"
        : skipped
          ? "up to date"
          : "";
    results.push({ name: section.name, counts, seconds: (performance.now() - startMs) / 1000, note });
  }
} catch (error) {
  console.error((error as Error).message);
  results.push({ name: "test", counts: { passed: 0, failed: 1 }, seconds: 0, note: "" });
} finally {
  rmSync(reports, { recursive: true, force: true });
}

console.log("\n=== summary");
for (const { name, counts, seconds, note } of results) {
  const unsteady = counts.unsteady ? `, ${counts.unsteady} on the second try only` : "";
  console.log(
    `${name.padEnd(9)} ${counts.passed} passed${unsteady}, ${counts.failed} failed in ${seconds.toFixed(1)} s${note && ` (${note})`}`,
  );
}
const { passed, failed } = total(results.map((result) => result.counts));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
