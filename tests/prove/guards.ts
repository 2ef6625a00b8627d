/**
 * A6: deleting any single guard turns a test red.
 *
 * Each guard of `guard-list.ts` and the permission of every route is taken out of a scratch copy of the tree, and the
 * test that claims to notice is run there; first without any change, because a test that is red anyway notices
 * nothing. Tests that more than one guard names are run once per guard. The short form checks that every guard still
 * stands where the list says and that its test is there, and takes one out.
 *
 * Planted bug: a guard that the list does not find any more, and one whose test is about something else.
 */
import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findRoutes } from "../../scripts/routes.ts";
import type { Guard } from "./guard.ts";
import { GUARDS } from "./guard-list.ts";
import type { Proof } from "./proof.ts";
import { mulberry32, pick, shuffled } from "./random.ts";
import { copyOfTree } from "./scratch.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Routes whose permission is taken out; all of them are noticed by the same test. */
const ROUTES = { short: 0, full: 12 };

const PLANTED: Guard[] = [
  {
    name: "planted: no such text",
    file: "lib/server/http/fresh.ts",
    guard: "a line that is not there",
    without: "",
    test: "lib/domain/access.test.ts",
  },
  {
    name: "planted: a test about something else",
    file: "lib/domain/neutral-cell.ts",
    guard: ".replaceAll('\"', '\"\"')",
    without: "",
    test: "lib/domain/cadence.test.ts",
  },
];

export const guardsAreMissed: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const guards = planted ? PLANTED : [...GUARDS, ...(await routeGuards())];
  let [cases, failed] = [0, 0];
  const wrong = (line: string) => {
    failed += 1;
    log(line);
  };
  for (const guard of guards) {
    cases += 1;
    const found = await standsThere(guard);
    if (found) wrong(`${guard.name}: ${found}`);
  }
  const fast = GUARDS.filter(({ test }) => !test.endsWith(".db.test.ts"));
  const routes = shuffled(random, guards.slice(GUARDS.length)).slice(0, ROUTES.full);
  const taken = planted ? PLANTED.slice(1) : short ? [pick(random, fast)] : [...GUARDS, ...routes];
  const tree = await copyOfTree();
  try {
    const green = new Map<string, boolean>();
    // The fast tests first: whatever they find is known early.
    for (const guard of [...taken].sort((a, b) => costOf(a) - costOf(b))) {
      const known = green.get(guard.test) ?? (await isGreen(tree, guard.test));
      if (!green.has(guard.test) && !known) wrong(`${guard.test} is red without any change`);
      green.set(guard.test, known);
      if (!known) continue;
      cases += 1;
      const survived = await withoutGuard(tree, guard, () => isGreen(tree, guard.test));
      if (survived) wrong(`${guard.name}: nobody misses it (${guard.file}, ${guard.test})`);
      else log(`${guard.name}: missed`);
    }
    return { cases, failed };
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
};

const costOf = ({ test }: Guard): number =>
  test.startsWith("tests/routes/") ? 2 : test.endsWith(".db.test.ts") ? 1 : 0;

/** The permission of each route, exchanged for none. */
async function routeGuards(): Promise<Guard[]> {
  const routes = (await findRoutes()).filter(({ handler: { spec } }) => spec && spec.permission !== "public");
  const guards: Guard[] = [];
  for (const { file, method, path, handler } of routes) {
    const text = await readFile(join(ROOT, file), "utf8");
    const from = text.indexOf(`export const ${method} = route(`);
    const guard = `permission: "${handler.spec?.permission}",`;
    const at = text.indexOf(guard, from);
    // Made by a function of its own, as the ingest routes are.
    if (from < 0 || at < 0) continue;
    const before = text.slice(from, at);
    guards.push({
      name: `${method} ${path}`,
      file,
      guard: before + guard,
      without: `${before}permission: "public",`,
      test: "tests/architecture/access-matrix.test.ts",
    });
  }
  return guards;
}

/** @returns what is wrong with the list; `null` = the guard is there once, and so is its test */
async function standsThere({ file, guard, test }: Guard): Promise<string | null> {
  const text = await readFile(join(ROOT, file), "utf8").catch(() => "");
  const times = text.split(guard).length - 1;
  if (times !== 1) return `${file} holds it ${times} times`;
  const about = await readFile(join(ROOT, test), "utf8").catch(() => null);
  return about === null ? `there is no ${test}` : null;
}

async function withoutGuard<T>(
  tree: string,
  { file, guard, without }: Guard,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(tree, file);
  const text = await readFile(path, "utf8");
  await writeFile(
    path,
    text.replace(guard, () => without),
  );
  try {
    return await work();
  } finally {
    await writeFile(path, text);
  }
}

async function isGreen(tree: string, test: string): Promise<boolean> {
  const project = test.endsWith(".db.test.ts") ? "db" : "unit";
  const args = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    `--project=${project}`,
    "--bail=1",
    test,
  ];
  const env: NodeJS.ProcessEnv = { ...process.env };
  // What an outer run left for its own workers.
  for (const name of Object.keys(env)) if (name.startsWith("VITEST")) delete env[name];
  const child = spawn(process.execPath, args, { cwd: tree, env, stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => resolve(status === 0));
  });
}
