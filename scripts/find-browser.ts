/** Finds a Chromium for the end-to-end tests. Run as a program, it installs one first where it may. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that speak the DevTools protocol as Playwright's own Chromium does. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Playwright's own browser, if it was downloaded. */
async function playwrightsOwn(): Promise<string | null> {
  const { chromium } = await import("@playwright/test");
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : null;
}

/**
 * Path of a Chromium: `CHROMIUM_PATH`, else one of the system, else Playwright's own.
 *
 * @returns null when there is none
 * @throws when `CHROMIUM_PATH` is set and is not a program
 */
export async function findBrowser(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const { CHROMIUM_PATH: chosen, PATH = "" } = env;
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH is ${chosen}, which is not a program`);
  }
  for (const dir of PATH.split(delimiter).filter(Boolean)) {
    for (const name of NAMES) {
      if (isProgram(join(dir, name))) return join(dir, name);
    }
  }
  return playwrightsOwn();
}

/** Whether this is a system where we know how to install one, and may. */
function mayInstall(): boolean {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return process.geteuid?.() === 0 && /^ID(_LIKE)?=.*debian/m.test(release) && isProgram("/usr/bin/apt-get");
}

/** Install Debian's chromium, with the output of apt on stderr. */
function install(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env });
  }
}

/**
 * Path of a Chromium, installed by apt if there is none and we are root on Debian or Ubuntu.
 *
 * @throws with what to do when there is still none
 */
export async function provideBrowser(): Promise<string> {
  const found = await findBrowser();
  if (found) return found;
  if (mayInstall()) install();
  const installed = await findBrowser();
  if (installed) return installed;
  throw new Error(
    "no Chromium for the end-to-end tests: install the package chromium, or run `npx playwright install chromium`, or set CHROMIUM_PATH",
  );
}

if (import.meta.main) {
  try {
    console.log(await provideBrowser());
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
