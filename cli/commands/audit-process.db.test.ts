import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointLatest, logKeys } from "#db/queries/audit-log";
import { createSealer } from "#db/sealing";
import { toBase64 } from "#lib/domain/merkle/bytes";
import { entryProof } from "#lib/services/audit/log-resources";
import { type AuditWorld, makeAuditWorld } from "#tests/audit-world";
import { runCli, startCli } from "#tests/cli";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, type World } from "#tests/world";

const { url, pool } = useDatabase();
/** A busy machine takes long to start a process. */
const timeout = 300_000;
const ENTRIES = 23;
let dir: string;
let world: World;
let log: AuditWorld;
let vkey: string;
let env: Record<string, string>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "touchstone-cli-audit-"));
  const bytes = randomBytes(32);
  env = { DATABASE_URL: url, TOUCHSTONE_DATA_DIR: dir, TOUCHSTONE_SECRET_KEY: bytes.toString("base64") };
  const key = { version: 1, bytes };
  world = await makeWorld(pool);
  const sealer = createSealer({ read: () => [key], make: () => key });
  log = await makeAuditWorld(world.db, world.home, NOW.getTime(), { dataDir: dir, sealer });
  await log.fill(ENTRIES, 7);
  vkey = (await logKeys(world.db, world.home))[0]?.vkey ?? "";
}, timeout);
afterAll(() => rm(dir, { recursive: true, force: true }));

const audit = (...args: string[]) => runCli(["audit", ...args], env);
const noteNow = async () => (await checkpointLatest(world.db, world.home))?.note ?? "";
async function file(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

describe("touchstone audit, in a process of its own", () => {
  it("finds nothing wrong with a log that nobody touched, also against a key and a checkpoint that were kept", {
    timeout,
  }, async () => {
    const kept = await file("kept-checkpoint", await noteNow());
    const { status, out } = await audit("verify", "--vkey", vkey, "--checkpoint", kept, "--json");
    expect(status).toBe(0);
    const told = JSON.parse(out);
    expect(told.ok).toBe(true);
    expect(told.logs).toContainEqual({
      origin: `touchstone.log/${world.home}`,
      size: ENTRIES,
      // Each is in the database and in the file; one was given.
      checkpoints: 4 * 2 + 1,
      fault: null,
    });
  });

  it("exports a log that is checked without a database, and names the entry that was changed in it", {
    timeout,
  }, async () => {
    const out = join(dir, "export");
    expect((await audit("export", out)).status).toBe(0);
    const exported = join(out, world.home);
    const check = (...more: string[]) => runCli(["audit", "verify", "--dir", exported, ...more]);
    const stranger = `${vkey.slice(0, -8)}AAAAAAA=`;
    const checks = await Promise.all([check("--vkey", vkey), check("--vkey", stranger)]);
    expect(checks.map(({ status }) => status)).toEqual([0, 1]);

    const bundle = join(exported, `tile/entries/000.p/${ENTRIES}`);
    const text = (await readFile(bundle)).toString("latin1");
    // The seventh entry, in bytes of the same number: only the hashes tell.
    const at = [...text.matchAll(/"action":"source\.create"/g)][6]?.index ?? 0;
    const forged = `${text.slice(0, at)}"action":"source.forged"${text.slice(at + 24)}`;
    await writeFile(bundle, Buffer.from(forged, "latin1"));
    const { status, out: told } = await check("--vkey", vkey, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(told).logs[0].fault).toMatchObject({ index: 6 });
  });

  it("checks the proof of one entry with nothing but a key", { timeout }, async () => {
    const text = await entryProof(world.as("auditor"), { seq: 5, domain: world.home });
    const proof = await file("entry.tlog-proof", text);
    const elsewhere = await file("elsewhere.tlog-proof", text.replace("index 5", "index 4"));
    const check = (...args: string[]) => runCli(["audit", "verify", "--proof", ...args]);
    const [good, bad, wrongCall] = await Promise.all([
      check(proof, "--vkey", vkey, "--json"),
      check(elsewhere, "--vkey", vkey),
      check(proof),
    ]);
    expect([good.status, JSON.parse(good.out).index]).toEqual([0, 5]);
    expect([bad.status, bad.out]).toEqual([1, expect.stringContaining("not in the tree that was signed")]);
    expect(wrongCall.status).toBe(2);
    expect(wrongCall.err.trim().split("\n")).toEqual([expect.stringContaining("--vkey")]);
  });

  it("lets a new key sign, on the record, while the old one still does", { timeout }, async () => {
    const { status, out } = await audit(
      "rotate-key",
      "--domain",
      world.home,
      "--overlap-days",
      "1",
      "--json",
    );
    expect(status).toBe(0);
    const next = JSON.parse(out).vkey as string;
    // The command's clock is the machine's, the log's is the test's.
    log.clock.ms = Date.now();
    await log.takeIn();
    const names = (await noteNow()).split("\n").filter((line) => line.startsWith("— "));
    expect(names).toHaveLength(2);
    expect((await audit("verify", "--vkey", vkey, next)).status).toBe(0);
    const { rows } = await pool.query("SELECT after FROM audit_entry WHERE action = 'audit-log.rotate-key'");
    expect(rows).toEqual([{ after: expect.objectContaining({ vkey: next }) }]);
  });

  it("names the entry that a superuser changed, and a log that does not hold a checkpoint that was kept", {
    timeout,
  }, async () => {
    const kept = await noteNow();
    const { rows } = await pool.query("SELECT entry_id AS id FROM audit_leaf WHERE leaf_index = 9");
    await pool.query("UPDATE audit_entry SET actor_id = 'another' WHERE id = $1", [rows[0].id]);
    const [changed, people] = await Promise.all([audit("verify", "--json"), audit("verify")]);
    expect([changed.status, people.status]).toEqual([1, 1]);
    expect(JSON.parse(changed.out).logs).toContainEqual(
      expect.objectContaining({ fault: expect.objectContaining({ index: 9, entryId: rows[0].id }) }),
    );
    expect(people.out).toContain(`FAIL  touchstone.log/${world.home}: Entry 9 (${rows[0].id})`);
    await pool.query("UPDATE audit_entry SET actor_id = 'somebody' WHERE id = $1", [rows[0].id]);

    const root = toBase64(randomBytes(32));
    const forged = kept.split("\n").map((line, n) => (n === 2 ? root : line));
    const runs = await Promise.all([
      audit("verify"),
      audit("verify", "--checkpoint", await file("forged-checkpoint", forged.join("\n"))),
      audit("verify", "--checkpoint", await file("no-checkpoint", "nothing")),
    ]);
    expect(runs.map(({ status }) => status)).toEqual([0, 1, 2]);
  });
});

describe("touchstone witness, in a process of its own", () => {
  it("cosigns over HTTP what only grows, and remembers it over a restart", { timeout }, async () => {
    const state = join(dir, "witness.json");
    const vkeys = (await logKeys(world.db, world.home)).map((key) => key.vkey);
    const args = ["witness", "--state", state, "--vkey", ...vkeys, "--json"];
    const body = `old 0\n\n${await noteNow()}`;
    const witness = await startCli(args);
    try {
      const post = (text: string) => fetch(String(witness.first.url), { method: "POST", body: text });
      const answer = await post(body);
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringMatching(/^— touchstone\.witness/),
      ]);
      expect((await post("nonsense")).status).toBe(400);
    } finally {
      expect(await witness.stop()).toBe(0);
    }
    const again = await runCli([...args, "--add", await file("request", body)]);
    expect([again.status, JSON.parse(again.out.split("\n")[0] ?? "").status]).toEqual([1, 409]);
  });
});
