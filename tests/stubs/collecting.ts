/** A directory, a clock and a Touchstone that takes everything: what a collector's test needs. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { readConfig } from "#lib/collect/config";
import type { TargetSetup, Timing } from "#lib/collect/target";
import { type HttpStub, type StubAnswer, startHttp } from "./http.ts";

export const SOURCE_ID = "3f0c1f6e-6a53-4c0c-9a51-3f7e8d1c2b3a";

export type Bench = {
  dir: string;
  touchstone: HttpStub;
  /** What Touchstone answers; takes everything unless changed. */
  answer: () => StubAnswer;
  nowMs: number;
  timing: Timing;
  /** A target from its part of the configuration. */
  setup: (target: object) => TargetSetup;
  /** Documents that were delivered, in order. */
  delivered: () => Record<string, unknown>[];
};

/** Call once at the top of a test file; every test gets a fresh bench. */
export function useBench(): Bench {
  const bench = {} as Bench;
  beforeEach(async () => {
    bench.dir = await mkdtemp(join(tmpdir(), "touchstone-collect-"));
    await writeFile(join(bench.dir, "api-key"), "ts_test\n", { mode: 0o600 });
    bench.answer = () => ({ status: 202, body: { accepted: 1, duplicate: 0, rejected: [] } });
    bench.touchstone = await startHttp(() => bench.answer());
    bench.nowMs = Date.parse("2026-03-01T12:00:00Z");
    bench.timing = { nowMs: () => bench.nowMs, random: () => 0, sleep: async () => {} };
    bench.setup = (target) => {
      const common = { name: "one", source: SOURCE_ID, apiKeyFile: join(bench.dir, "api-key") };
      const config = {
        touchstone: { url: bench.touchstone.url },
        stateDir: join(bench.dir, "state"),
        targets: [{ ...common, ...target }],
      };
      const [first] = readConfig(JSON.stringify(config));
      if (!first) throw new Error("no target");
      return first;
    };
    bench.delivered = () =>
      bench.touchstone.requests.flatMap(({ body }) => body.split("\n").map((line) => JSON.parse(line)));
  });
  afterEach(async () => {
    await bench.touchstone.close();
    await rm(bench.dir, { recursive: true });
  });
  return bench;
}
