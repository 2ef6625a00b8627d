import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { type Lock, missingEntries, platformOf, repairLock } from "./repair-lock.ts";

const lock: Lock = {
  packages: {
    "": {},
    "node_modules/tool": {
      version: "1.2.3",
      dev: true,
      optionalDependencies: {
        "@tool/linux-x64-musl": "1.2.3",
        "@tool/linux-x64-gnu": "1.2.3",
        "@tool/win32-x64": "1.2.3",
      },
    },
    "node_modules/@tool/linux-x64-gnu": { version: "1.2.3", optional: true },
  },
};

describe("platformOf", () => {
  it.each([
    ["@biomejs/cli-linux-arm64-musl", { cpu: ["arm64"], libc: ["musl"], os: ["linux"] }],
    ["@next/swc-win32-x64-msvc", { cpu: ["x64"], os: ["win32"] }],
    ["@x/oxide-linux-arm-gnueabihf", { cpu: ["arm"], libc: ["glibc"], os: ["linux"] }],
    ["@x/oxide-wasm32-wasi", { cpu: ["wasm32"] }],
    ["esbuild-windows-64-ia32", { cpu: ["ia32"], os: ["win32"] }],
  ])("reads %s", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  it("refuses a name that says nothing, which would be installed everywhere", () => {
    expect(() => platformOf("fsevents")).toThrow("by hand");
  });
});

describe("repairLock", () => {
  it("adds exactly what npm ci would miss, pinned to the parent's version and never without a platform", () => {
    expect([...missingEntries(lock)]).toEqual([
      [
        "node_modules/@tool/linux-x64-musl",
        { version: "1.2.3", cpu: ["x64"], dev: true, libc: ["musl"], optional: true, os: ["linux"] },
      ],
      [
        "node_modules/@tool/win32-x64",
        { version: "1.2.3", cpu: ["x64"], dev: true, optional: true, os: ["win32"] },
      ],
    ]);
  });

  it("changes nothing the second time", () => {
    const once = repairLock(lock);
    expect(JSON.stringify(repairLock(once))).toBe(JSON.stringify(once));
    expect(missingEntries(once).size).toBe(0);
  });

  it("finds a package that is nested under its parent", () => {
    const nested: Lock = {
      packages: {
        "node_modules/a/node_modules/tool": {
          version: "1.0.0",
          optionalDependencies: { "@tool/linux-x64": "1.0.0" },
        },
        "node_modules/a/node_modules/@tool/linux-x64": { version: "1.0.0" },
      },
    };
    expect(missingEntries(nested).size).toBe(0);
  });

  it("refuses a version range, because it cannot know what npm would choose", () => {
    const ranged: Lock = { packages: { "": { optionalDependencies: { "x-linux-x64": "^1.0.0" } } } };
    expect(() => missingEntries(ranged)).toThrow("not an exact version");
  });
});

describe("this repository's lockfile", () => {
  it("is complete for all platforms (else: node scripts/repair-lock.ts)", () => {
    const ours = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8")) as Lock;
    expect([...missingEntries(ours).keys()]).toEqual([]);
  });
});
