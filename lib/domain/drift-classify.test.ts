import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BaselineContent, Tolerance } from "./baseline.ts";
import { assessDrift, type Expectation, type Moment } from "./drift-classify.ts";
import { applyDifferences, compareWithBaseline } from "./drift-compare.ts";
import { DEFAULT_SETTINGS } from "./drift-settings.ts";
import { LAYERS } from "./layers.ts";

const never = () => false;
const STRICT_MOMENT: Moment = { windows: [], settings: DEFAULT_SETTINGS, role: null };

function expecting(
  entries: Record<string, string | readonly string[]>,
  more: Partial<BaselineContent> = {},
): Expectation {
  const content: BaselineContent = {
    scope: [""],
    entries: Object.fromEntries(
      Object.entries(entries).map(([path, value]) => [path, typeof value === "string" ? [value] : value]),
    ),
    ignore: [],
    tolerances: {},
    ...more,
  };
  return {
    id: "b",
    name: "workers",
    target: { version: 2, content, ignores: never },
    accepted: [],
    exceptions: [],
  };
}

const tolerant = (more: Partial<Tolerance>): BaselineContent["tolerances"] =>
  Object.fromEntries(
    LAYERS.map((layer) => [
      layer,
      { unexplained: "degrade", added: "drift", removed: "drift", values: "exact", ...more },
    ]),
  );

const OPEN: Moment = { ...STRICT_MOMENT, windows: [{ id: "w", layers: LAYERS }] };
const CMD = "root=/dev/sda1 lockdown=integrity quiet";

/** Path, what is expected, what is there, and the rule that must decide; in a window of every layer, too. */
const CASES: readonly [
  path: string,
  expected: string | null,
  actual: string | null,
  rule: string,
  inWindow?: string,
][] = [
  ["secure-boot/enabled", "true", "false", "secure-boot-off", "secure-boot-off"],
  ["secureboot", null, "0", "secure-boot-off", "secure-boot-off"],
  ["secure-boot/enabled", "false", "true", "unexplained", "maintenance-window"],
  ["secure-boot/dbx-date", "2026-09-09", "2025-01-01", "revocations-lost", "revocations-lost"],
  ["secure-boot/dbx-date", "2026-09-09", "2026-10-01", "unexplained", "maintenance-window"],
  ["secure-boot/dbx/a1b2", "present", null, "revocations-lost", "revocations-lost"],
  ["uefi/dbx", "a, b, c", "a, c", "revocations-lost", "revocations-lost"],
  ["uefi/dbx", "a, b", "a, b, c", "unexplained", "maintenance-window"],
  ["uefi/db", "aa", "bb", "trust-anchor", "trust-anchor"],
  ["uefi/mok/evil", null, "aa", "trust-anchor", "trust-anchor"],
  ["snp/policy-debug", "false", "true", "debug-on", "debug-on"],
  ["sgx.body.attributes.flags", "0500000000000000", "0700000000000000", "debug-on", "debug-on"],
  ["kernel/cmdline", CMD, `${CMD} init=/bin/sh`, "cmdline-weakened", "cmdline-weakened"],
  ["kernel/cmdline", CMD, "root=/dev/sda1 quiet", "cmdline-weakened", "cmdline-weakened"],
  ["kernel/cmdline", CMD, `${CMD} selinux=0`, "cmdline-weakened", "cmdline-weakened"],
  ["kernel/cmdline", CMD, `${CMD} module.sig_enforce=0`, "cmdline-weakened", "cmdline-weakened"],
  ["kernel/cmdline", CMD, `${CMD} ima-appraise=off`, "cmdline-weakened", "cmdline-weakened"],
  ["kernel/cmdline", CMD, `${CMD} splash`, "unexplained", "maintenance-window"],
  ["kernel/release", "6.12.48", "6.12.9", "downgrade", "maintenance-window"],
  ["kernel/release", "6.12.9", "6.12.48", "unexplained", "maintenance-window"],
  ["firmware/version", "2.30", "2.4", "downgrade", "maintenance-window"],
  ["snp/reported-tcb", "bl=4 snp=24", "bl=4 snp=22", "downgrade", "maintenance-window"],
  ["pcr/sha256/4", "aa", "bb", "boot-chain", "maintenance-window"],
  ["ima/usr/bin/ssh", "aa", "bb", "system-file", "maintenance-window"],
  ["ima/~1usr~1sbin~1sshd", "aa", "bb", "system-file", "maintenance-window"],
  ["ima/lib/modules/6.8/evil.ko", null, "bb", "system-file", "maintenance-window"],
  ["ima/opt/app", "aa", "bb", "unexplained", "maintenance-window"],
  ["role/admin", null, "true", "role-gained", "maintenance-window"],
  ["app/uptime", "1", "2", "noise", "maintenance-window"],
  ["app/setting", "1", "2", "unexplained", "maintenance-window"],
];

function decided(
  path: string,
  expected: string | null,
  actual: string | null,
  moment: Moment,
  expectation?: Expectation,
) {
  const wanted = expectation ?? expecting(expected === null ? {} : { [path]: expected });
  return assessDrift(actual === null ? {} : { [path]: actual }, [wanted], moment);
}

describe("a difference", () => {
  it.each(CASES)("at %s from %s to %s is decided by %s", (path, expected, actual, rule, inWindow) => {
    expect(decided(path, expected, actual, STRICT_MOMENT).list.map((one) => one.rule)).toEqual([rule]);
    expect(decided(path, expected, actual, OPEN).list.map((one) => one.rule)).toEqual([inWindow]);
  });

  it("that another version in force accepts is authorised, and the better version is named", () => {
    const expectation = expecting({ "kernel/release": "6.9.0" });
    const old = {
      ...expectation.target,
      version: 1,
      content: { ...expectation.target.content, entries: { "kernel/release": ["6.8.0"] } },
    };
    const found = decided("kernel/release", null, "6.8.0", STRICT_MOMENT, {
      ...expectation,
      accepted: [old],
    });
    expect(found).toMatchObject({ worst: "authorised", effect: "note", baselines: [{ version: 1 }] });
    expect(found.list).toMatchObject([{ rule: "accepted-version", baselineVersion: 2 }]);
  });

  it("that is ignored or tolerated is benign and names what let it pass", () => {
    const ignoring = {
      ...expecting({ a: "1" }),
      exceptions: [{ id: "e", matches: (path: string) => path === "a" }],
    };
    expect(decided("a", null, "2", STRICT_MOMENT, ignoring).list).toMatchObject([
      { class: "benign", exceptionId: "e" },
    ]);
    const rule = (more: Partial<Tolerance>, expected: string | null, actual: string | null) => {
      const wanted = expecting(expected === null ? {} : { "kernel/release": expected }, {
        tolerances: tolerant(more),
      });
      return decided("kernel/release", null, actual, STRICT_MOMENT, wanted).list.map((one) => one.rule);
    };
    expect(rule({ values: "newer" }, "6.8", "6.9")).toEqual(["newer-version"]);
    expect(rule({ values: "newer" }, "6.9", "6.8")).toEqual(["downgrade"]);
    expect(rule({ added: "tolerated" }, null, "6.8")).toEqual(["tolerated-addition"]);
    expect(rule({ removed: "tolerated" }, "6.8", null)).toEqual(["tolerated-removal"]);
  });

  it("does what its layer tolerates; what looks like an attack always fails", () => {
    const wanted = expecting(
      { a: "1", "secure-boot/enabled": "true" },
      { tolerances: tolerant({ unexplained: "note" }) },
    );
    expect(assessDrift({ a: "2", "secure-boot/enabled": "true" }, [wanted], STRICT_MOMENT).effect).toBe(
      "note",
    );
    expect(assessDrift({ a: "1", "secure-boot/enabled": "off" }, [wanted], STRICT_MOMENT).effect).toBe(
      "fail",
    );
  });

  it("adds its weight, and thresholds only make things worse", () => {
    const wanted = expecting(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`x${n}`, "1"])), {
      tolerances: tolerant({ unexplained: "note" }),
    });
    const measured = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`x${n}`, "2"]));
    expect(assessDrift(measured, [wanted], STRICT_MOMENT)).toMatchObject({ score: 100, effect: "degrade" });
    const failing = { ...DEFAULT_SETTINGS, config: { ...DEFAULT_SETTINGS.config, failAt: 50 } };
    expect(assessDrift(measured, [wanted], { ...STRICT_MOMENT, settings: failing }).effect).toBe("fail");
  });
});

const sets = fc.dictionary(fc.constantFrom("a", "b/c", "b/d", "e"), fc.constantFrom("1", "2", ""));

describe("a comparison with a baseline", () => {
  it("finds the same again after its differences were applied to what is expected", () => {
    fc.assert(
      fc.property(sets, sets, (entries, measured) => {
        const content = {
          scope: [""],
          entries: Object.fromEntries(Object.entries(entries).map(([path, value]) => [path, [value]])),
        };
        const found = compareWithBaseline(content, measured, never);
        expect(applyDifferences(content, found)).toEqual({ ...measured });
        expect(compareWithBaseline(content, applyDifferences(content, found), never)).toEqual(found);
        expect(compareWithBaseline(content, applyDifferences(content, []), never)).toEqual([]);
      }),
    );
  });

  it("finds one removed entry of 5,000 as one change", () => {
    const entries = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`ima/file-${n}`, [`${n}`]]));
    const measured = Object.fromEntries(
      Object.entries(entries).flatMap(([path, [value]]) =>
        path === "ima/file-2500" ? [] : [[path, value ?? ""]],
      ),
    );
    expect(compareWithBaseline({ scope: [""], entries }, measured, never)).toEqual([
      { path: "ima/file-2500", kind: "removed", expected: ["2500"], actual: null },
    ]);
  });

  it("calls nothing an addition outside its scope, by whole segments", () => {
    const content = { scope: ["pcr"], entries: {} };
    expect(
      compareWithBaseline(content, { "pcr/0": "x", pcr: "y", pcrs: "z", other: "w" }, never).map(
        ({ path }) => path,
      ),
    ).toEqual(["pcr", "pcr/0"]);
  });
});
