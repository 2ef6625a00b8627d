import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { main } from "#cli/touchstone";
import { writeState } from "#lib/collect/state-file";
import { SOURCE_ID, useBench } from "#tests/stubs/collecting";
import { startHttp } from "#tests/stubs/http";

const bench = useBench();

/** Run the command line; what it printed, and its exit status. */
async function run(...args: string[]): Promise<{ out: string; err: string; status: number }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
    vi.spyOn(console, "error").mockImplementation((text) => err.push(String(text))),
  ];
  process.exitCode = 0;
  try {
    await main(["collect", ...args]);
    return { out: out.join(""), err: err.join(""), status: Number(process.exitCode) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

async function configure(target: object): Promise<string> {
  const path = join(bench.dir, "collect.json");
  const common = { source: SOURCE_ID, apiKeyFile: join(bench.dir, "api-key") };
  const config = {
    touchstone: { url: bench.touchstone.url },
    stateDir: join(bench.dir, "state"),
    targets: [{ name: "one", ...common, ...target }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

describe("touchstone collect", () => {
  it("polls once, delivers, and says how it went", async () => {
    const owner = await startHttp(() => ({ body: [{ guid: "a".repeat(32) }] }));
    try {
      const config = await configure({ kind: "fdo", owner: { url: owner.url } });
      const healthFile = join(bench.dir, "health.json");
      const { out, status } = await run("--config", config, "--once", "--json", "--health-file", healthFile);
      expect(status).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ name: "one", watched: 1, accepted: 1, pollError: null });
      expect(bench.delivered()).toHaveLength(1);
      expect(JSON.parse(await readFile(healthFile, "utf8"))).toMatchObject({ healthy: true });
    } finally {
      await owner.close();
    }
  });

  it("exits with 1 when a target gives no answer, in one line", async () => {
    const config = await configure({ kind: "fdo", owner: { url: "http://127.0.0.1:9" } });
    const { out, status } = await run("--config", config, "--once");
    expect(status).toBe(1);
    expect(out).toMatch(/^one \(fdo\) watches 0, .*ECONNREFUSED.*\n$/);
  });

  it("names what is wrong with the configuration, and warns of a key that everybody can read", async () => {
    const wrong = await configure({ kind: "fdo" });
    expect(await run("--config", wrong)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^touchstone: .*collect\.json: targets\.0\.owner: .*\n$/),
    });
    const config = await configure({ kind: "fdo", owner: { url: "https://owner.example" } });
    expect(await run("--config", config, "--check")).toMatchObject({ status: 0, err: "" });
    await writeFile(join(bench.dir, "open"), "ts_x", { mode: 0o644 });
    const open = await configure({
      kind: "fdo",
      owner: { url: "https://owner.example" },
      apiKeyFile: join(bench.dir, "open"),
    });
    expect((await run("--config", open, "--check")).err).toContain("can be read by every user");
  });

  it("accepts a changed identity only of an agent that has one", async () => {
    const config = await configure({ kind: "keylime", verifier: { url: "https://verifier.example" } });
    const one = bench.setup({ kind: "keylime", verifier: { url: "https://verifier.example" } });
    const [before, now] = ["ab".repeat(32), "cd".repeat(32)];
    const registration = {
      ek: now,
      aik: now,
      regcount: 2,
      pinnedEk: before,
      pinnedAik: before,
      entry: "",
      isGone: false,
    };
    await mkdir(dirname(one.statePath), { recursive: true });
    const memory = { agents: {}, registrations: { a: registration }, sweptAtMs: 0 };
    await writeState(one.statePath, one.binding, { memory, outbox: ['{"n":1}'] });
    const accept = (agent: string) => run("--config", config, "--target", "one", "--accept", agent);
    expect((await accept("b")).err).toContain("knows of no changed identity of b");
    expect(await accept("a")).toMatchObject({ status: 0, err: "" });
    const stored = JSON.parse(await readFile(one.statePath, "utf8"));
    expect(stored.memory.registrations.a).toMatchObject({ pinnedEk: now, pinnedAik: now });
    expect(stored.outbox).toEqual(['{"n":1}']);
    expect((await accept("a")).status).toBe(1);
    expect((await run("--config", config, "--accept", "a")).err).toContain("--target");
  });
});
