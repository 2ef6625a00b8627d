import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "#cli/touchstone";
import { buildPack } from "#lib/report-pack/build";
import { runCli } from "#tests/cli";
import { makeSampleKey, sampleContents, sampleLog, smallSnapshot } from "#tests/pack-samples";

const KEY = makeSampleKey();
const LOG = sampleLog();
let dir: string;
let pack: string;
let keys: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "touchstone-verify-"));
  pack = await file("pack.zip", buildPack(sampleContents(smallSnapshot(), KEY, LOG), KEY.sign));
  keys = await file("jwks.json", JSON.stringify(KEY.keys));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

/** Run the command line; what it printed, and its exit status. */
async function verify(...args: string[]): Promise<{ out: string; err: string; status: number }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  process.exitCode = 0;
  try {
    await main(["verify", ...args]);
    return { out: out.join(""), err: err.join("\n"), status: Number(process.exitCode) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

describe("touchstone verify", () => {
  it("ends with 0 when a key that was given signed the pack, and tells what it shows and what not", async () => {
    const { out, status } = await verify(pack, "--keys", keys, "--checkpoint-key", LOG.vkey);
    expect(status).toBe(0);
    expect(out).toContain("Third quarter");
    expect(out).toMatch(/^proven {6}origin: /m);
    expect(out).toMatch(/^not proven {2}rows: /m);
  });

  it("ends with 3 when the pack is whole and nobody known vouches for it", async () => {
    const { out, status } = await verify(pack);
    expect(status).toBe(3);
    expect(out).toMatch(/^not proven {2}origin: /m);
  });

  it("ends with 1 and names the part when a byte was changed, or a stranger signed", async () => {
    const { bytes, at } = await changedRow();
    const broken = await file("broken.zip", bytes);
    const { out, status } = await verify(broken, "--keys", keys, "--json");
    expect([at > 0, status]).toEqual([true, 1]);
    const failed = JSON.parse(out).findings.filter(
      ({ standing }: { standing: string }) => standing === "failed",
    );
    expect(failed.map(({ part }: { part: string }) => part)).toEqual(["rows/M04.jsonl"]);
    const strange = await file("strange.json", JSON.stringify(makeSampleKey().keys));
    expect((await verify(pack, "--keys", strange)).status).toBe(1);
  });

  it("ends with 2 for a wrong call: no pack, no keys in the file, no key of a log", async () => {
    const none = await file("none.json", '{"keys":[]}');
    expect((await verify(join(dir, "nothing.zip"))).status).toBe(2);
    expect((await verify(pack, "--keys", none)).status).toBe(2);
    expect((await verify(pack, "--keys", pack)).status).toBe(2);
    expect((await verify(pack, "--checkpoint-key", "nonsense")).status).toBe(2);
    expect((await verify()).status).toBe(2);
  });

  it("prints nothing that a terminal would obey", async () => {
    const evil = { ...smallSnapshot(), title: "\u001b[2Jnice\u202e" };
    const path = await file("evil.zip", buildPack(sampleContents(evil, KEY, LOG), KEY.sign));
    const { out } = await verify(path, "--keys", keys);
    expect(out).toContain("\\u{1b}[2Jnice\\u{202e}");
  });

  it("needs no database, no data directory and no settings", async () => {
    const env = {
      DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
      TOUCHSTONE_DATA_DIR: join(dir, "data"),
    };
    const { status, out, err } = await runCli(["verify", pack, "--keys", keys, "--json"], env);
    expect([status, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ standing: "proven" });
    expect(existsSync(env.TOUCHSTONE_DATA_DIR)).toBe(false);
  }, 60_000);
});

/** The pack with a byte of the compressed rows of M04 changed. */
async function changedRow(): Promise<{ bytes: Uint8Array; at: number }> {
  const bytes = Buffer.from(buildPack(sampleContents(smallSnapshot(), KEY, LOG), KEY.sign));
  const name = "rows/M04.jsonl";
  const at = bytes.lastIndexOf(name, bytes.lastIndexOf(name) - 1) + name.length + 5;
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return { bytes, at };
}
