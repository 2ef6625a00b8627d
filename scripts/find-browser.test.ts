import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { findBrowser } from "./find-browser.ts";

function programs(...names: string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "touchstone-browser-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const name of names) {
    writeFileSync(join(dir, name), "");
    chmodSync(join(dir, name), 0o755);
  }
  return dir;
}

const env = (values: Record<string, string>) => values as unknown as NodeJS.ProcessEnv;

describe("findBrowser", () => {
  it("prefers the one that was chosen", async () => {
    const dir = programs("chromium", "mine");
    expect(await findBrowser(env({ PATH: dir, CHROMIUM_PATH: join(dir, "mine") }))).toBe(join(dir, "mine"));
  });

  it("refuses a choice that is not a program instead of taking another", async () => {
    const dir = programs("chromium");
    await expect(findBrowser(env({ PATH: dir, CHROMIUM_PATH: join(dir, "absent") }))).rejects.toThrow(
      "not a program",
    );
  });

  it("finds one of the system, Chromium before Chrome", async () => {
    const dir = programs("google-chrome", "chromium");
    expect(await findBrowser(env({ PATH: dir }))).toBe(join(dir, "chromium"));
  });
});
