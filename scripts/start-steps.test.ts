import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const require = createRequire(import.meta.url);
const { build, inputHash, isCurrent } = require("./build.cjs") as {
  build(dir: string, run: (dir: string) => number): { status: number; built: boolean };
  inputHash(dir: string): string;
  isCurrent(dir: string): boolean;
};
const { needsInstall } = require("./install.cjs") as {
  needsInstall(options: { dev: boolean; dir: string }): boolean;
};

/** A directory with these files. Removed after the test. */
function tree(files: Record<string, string | object>): string {
  const dir = mkdtempSync(join(tmpdir(), "touchstone-steps-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) put(dir, name, content);
  return dir;
}

function put(dir: string, name: string, content: string | object): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
}

const sources = { "app/page.tsx": "1", "lib/a.ts": "1", "next.config.js": "1", "package-lock.json": "{}" };
const succeed = (dir: string) => {
  mkdirSync(join(dir, ".next"), { recursive: true });
  return 0;
};

describe("build", () => {
  it("builds once, and again only when an input changed", () => {
    const dir = tree(sources);
    expect(build(dir, succeed)).toEqual({ status: 0, built: true });
    expect(build(dir, () => 1)).toEqual({ status: 0, built: false });
    put(dir, "lib/deep/b.ts", "new");
    expect(isCurrent(dir)).toBe(false);
  });

  it("never takes a failed build for a good one, not even after an earlier good one", () => {
    const dir = tree(sources);
    build(dir, succeed);
    put(dir, "app/page.tsx", "2");
    expect(build(dir, () => 1).status).toBe(1);
    put(dir, "app/page.tsx", "1");
    expect(isCurrent(dir)).toBe(false);
  });

  it("leaves no stamp while it runs, so that a killed build is repeated", () => {
    const dir = tree(sources);
    build(dir, succeed);
    put(dir, "app/page.tsx", "2");
    build(dir, () => {
      put(dir, "app/page.tsx", "1");
      expect(isCurrent(dir)).toBe(false);
      return 0;
    });
    expect(isCurrent(dir)).toBe(false); // it was built from "2"
  });

  it.each(["app/page.tsx", "lib/a.ts", "next.config.js", "package-lock.json"])("depends on %s", (name) => {
    const dir = tree(sources);
    const before = inputHash(dir);
    put(dir, name, "changed");
    expect(inputHash(dir)).not.toBe(before);
  });

  it("does not depend on tests, documents or times", () => {
    const dir = tree(sources);
    const before = inputHash(dir);
    put(dir, "lib/a.test.ts", "x");
    put(dir, "lib/README.md", "x");
    put(dir, "cli/up.ts", "x");
    utimesSync(join(dir, "lib/a.ts"), 1, 1);
    expect(inputHash(dir)).toBe(before);
  });
});

describe("needsInstall", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "1.0.0", dev: true },
      "node_modules/c": { version: "1.0.0", optional: true },
    },
  };
  const installed = (packages: object) => ({ packages });
  const at = (found: object | null, recordAgeS: number) => {
    const dir = tree({
      "package-lock.json": lock,
      ...(found ? { "node_modules/.package-lock.json": installed(found) } : {}),
    });
    const nowS = Date.now() / 1000;
    utimesSync(join(dir, "package-lock.json"), nowS - 100, nowS - 100);
    if (found) utimesSync(join(dir, "node_modules/.package-lock.json"), nowS - recordAgeS, nowS - recordAgeS);
    return dir;
  };
  const { "node_modules/a": a, "node_modules/b": b } = lock.packages;

  it("is true without node_modules", () => {
    expect(needsInstall({ dev: false, dir: at(null, 0) })).toBe(true);
  });

  it("is false for an install of this lockfile, with or without packages of other platforms", () => {
    const dir = at({ "node_modules/a": a, "node_modules/b": b }, 50);
    expect(needsInstall({ dev: true, dir })).toBe(false);
  });

  it("asks for development packages only where they are needed", () => {
    const dir = at({ "node_modules/a": a }, 50);
    expect(needsInstall({ dev: true, dir })).toBe(true);
    expect(needsInstall({ dev: false, dir })).toBe(false);
  });

  it("is true when the lockfile is newer and asks for another version", () => {
    const dir = at({ "node_modules/a": { version: "0.9.0" }, "node_modules/b": b }, 200);
    expect(needsInstall({ dev: true, dir })).toBe(true);
  });

  it("is false when the lockfile was only touched", () => {
    const dir = at({ "node_modules/a": a, "node_modules/b": b }, 200);
    expect(needsInstall({ dev: true, dir })).toBe(false);
  });
});
