import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runConformance } from "./conformance-run.ts";
import { BANKS, pcrSha256, smallBoot, writeAgileLog } from "./event-log-writer.ts";
import { newSigningKey, sign } from "./source-testing.ts";

let fixtures: string;

beforeEach(async () => {
  fixtures = mkdtempSync(join(tmpdir(), "conformance-"));
  const key = await newSigningKey("k");
  const claims = {
    eat_profile: "tag:github.com,2023:veraison/ear",
    iat: 1_795_348_800,
    "ear.verifier-id": { developer: "d", build: "b" },
    submods: { test: { "ear.status": "affirming", "ear.trustworthiness-vector": { executables: 2 } } },
  };
  writeFileSync(join(fixtures, "good.jwt"), `${await sign(key, claims, { jwk: key.jwk })}\n`);
  writeFileSync(join(fixtures, "key.jwk"), JSON.stringify(key.jwk));
  writeFileSync(join(fixtures, "key.pem"), key.pinned.key.export({ type: "spki", format: "pem" }));
});

afterEach(() => rmSync(fixtures, { recursive: true }));

const good = {
  id: "good",
  file: "good.jwt",
  source: "ear",
  expect: "accepted",
  key: "key.jwk",
  now: "2026-11-22T12:00:00Z",
  subject: "n1",
  verdicts: 1,
  tier: "affirming",
  outcome: "verified_good",
  vector: [0, 0, 2, 0, 0, 0, 0, 0],
};

async function run(cases: object[], update = false) {
  writeFileSync(join(fixtures, "expectations.json"), JSON.stringify({ cases }));
  return runConformance({ fixtures, goldens: join(fixtures, "goldens"), update });
}

describe("runConformance", () => {
  it("passes what is as expected, whatever the key is written as", async () => {
    for (const key of ["key.jwk", "key.pem", "header"]) {
      expect(await run([{ ...good, key }])).toMatchObject({ passed: 1, failed: 0 });
    }
  });

  it.each([
    ["the verdict count", { verdicts: 2 }],
    ["the tier", { tier: "warning" }],
    ["the outcome", { outcome: "verified_bad" }],
    ["the vector", { vector: [0, 0, 3, 0, 0, 0, 0, 0] }],
    ["the node", { node: "n2" }],
    ["a reason", { reason: "x" }],
    ["acceptance", { expect: "rejected", category: "signature" }],
    ["the clock", { now: "2026-11-22T13:00:00Z" }],
    ["the key", { key: undefined }],
    ["a file that is missing", { file: "none.jwt" }],
    ["a key that is missing", { key: "none.jwk" }],
  ])("fails a case when %s differs", async (_, more) => {
    expect(await run([{ ...good, ...more }])).toMatchObject({ passed: 0, failed: 1 });
  });

  it("compares the category of a rejection", async () => {
    const unpinned = { ...good, key: undefined, expect: "rejected" };
    expect(await run([{ ...unpinned, category: "key" }])).toMatchObject({ passed: 1, failed: 0 });
    expect(await run([{ ...unpinned, category: "claims" }])).toMatchObject({ passed: 0, failed: 1 });
    expect(await run([unpinned])).toMatchObject({ passed: 0, failed: 1 });
  });

  it("counts cases of unknown sources as skipped, by source", async () => {
    const report = await run([
      { ...good, source: "other" },
      { ...good, id: "2", source: "other" },
    ]);
    expect(report).toMatchObject({ passed: 0, failed: 0, skipped: 2 });
    expect(report.lines).toContain("skipped source other: 2 cases");
  });

  it("holds event logs to the registers and counts that are expected of them, and skips absent ones", async () => {
    const folder = join(fixtures, "google-go-tpm-tools");
    mkdirSync(folder);
    const events = smallBoot();
    writeFileSync(join(folder, "ubuntu-1804-amd-sev.bin"), writeAgileLog(BANKS, events));
    const expectPcr = (value: string) =>
      writeFileSync(
        join(folder, "expected-pcrs.json"),
        JSON.stringify({ logs: { "ubuntu-1804-amd-sev.bin": { sha256: { 7: value } }, "none.bin": {} } }),
      );
    expectPcr(pcrSha256(events, 7));
    const absent = 1 + 4;
    expect(await run([])).toMatchObject({ passed: 1, failed: 0, skipped: absent });
    expectPcr("00".repeat(32));
    expect(await run([])).toMatchObject({ passed: 0, failed: 1, skipped: absent });
  });

  it("refuses expectations that it does not understand", async () => {
    await expect(run([{ ...good, expct: "accepted" }])).rejects.toThrow();
  });

  it("holds canonical results to their goldens, per input", async () => {
    expect(await run([good], true)).toMatchObject({ passed: 2, failed: 0, skipped: 0 });
    expect(await run([good])).toMatchObject({ passed: 2, failed: 0, skipped: 0 });

    const file = join(fixtures, "goldens", "good.json");
    const golden = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...golden, result: { ...golden.result, items: [] } }));
    expect(await run([good])).toMatchObject({ passed: 1, failed: 1 });

    writeFileSync(file, JSON.stringify({ ...golden, sha256: "0" }));
    expect(await run([good])).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  });
});
