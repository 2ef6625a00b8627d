import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { type BundleProblem, readBundle, readTests } from "#lib/policy/bundle";
import { runTests, type TestResult } from "#lib/policy/run-tests";
import { CommandError, plain, print } from "./output.ts";

/** A file as it was judged. */
type Judged = { file: string; problems: BundleProblem[]; rules: number; tests: TestResult[] };

/** Larger files are no policies; the text is held in memory. */
const MAX_BYTES = 1_000_000;

/** `touchstone policy`: checking policies before anybody is asked to enforce them. */
export function addPolicy(program: Command): void {
  program
    .command("policy")
    .description("work with policies")
    .command("test <file...>")
    .description("check policy bundles and run their tests, those in NAME.tests.yaml beside them too")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(files: readonly string[], { json }: { json?: boolean }): Promise<void> {
  const judged: Judged[] = [];
  for (const file of files) judged.push(await judge(file));
  const failures = judged.flatMap(failuresOf);
  if (!json) for (const failure of failures) console.error(plain(failure));
  const tests = judged.flatMap((one) => one.tests);
  const passed = tests.filter(({ detail }) => detail === null).length;
  const summary = `${files.length} ${files.length === 1 ? "policy" : "policies"}: ${passed} of ${tests.length} tests passed`;
  print(json, { passed: failures.length === 0, files: judged }, [summary]);
  if (failures.length > 0) process.exitCode = 1;
}

async function judge(file: string): Promise<Judged> {
  const read = readBundle(await textOf(file));
  if (!read.ok) return { file, problems: read.problems, rules: 0, tests: [] };
  const { bundle } = read;
  const besideText = await textBeside(file);
  const beside = besideText === null ? null : readTests(besideText);
  const problems = beside && !beside.ok ? beside.problems : [];
  const tests = [...bundle.tests, ...(beside?.ok ? beside.tests : [])];
  return { file, problems, rules: bundle.rules.length, tests: runTests(bundle, tests) };
}

const failuresOf = ({ file, problems, tests }: Judged): string[] => [
  ...problems.map(
    ({ line, column, path, detail }) => `${file}:${line}:${column}: ${path ? `${path}: ` : ""}${detail}`,
  ),
  ...tests.flatMap(({ name, detail }) => (detail === null ? [] : [`${file}: test "${name}": ${detail}`])),
];

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new CommandError(`${file} is larger than any policy`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** `null` when nothing lies beside it. */
async function textBeside(file: string): Promise<string | null> {
  const beside = file.replace(/\.ya?ml$/, ".tests.yaml");
  if (beside === file) return null;
  const there = await stat(beside).catch(() => null);
  return there ? textOf(beside) : null;
}
