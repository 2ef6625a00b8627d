import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { logKeys } from "#db/queries/audit-log";
import { parseNote, parseVkey, verifiedBy } from "#lib/domain/merkle/note";
import { consistencyRanges } from "#lib/domain/merkle/tree";
import { isConsistent } from "#lib/domain/merkle/verify";
import { type AuditWorld, makeAuditWorld } from "#tests/audit-world";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, type World } from "#tests/world";
import { rotateLogKey } from "../services/audit/rotate-key.ts";
import { checkpointOf, lastCheckpoint } from "./checkpoint-file.ts";
import { sha256, verifyEd25519 } from "./crypto.ts";
import { readProof } from "./prove.ts";
import { verifyDatabase } from "./read-database.ts";
import { LogContradiction } from "./take-in.ts";

const { pool } = useDatabase();
let world: World;
let log: AuditWorld;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain CASCADE");
  world = await makeWorld(pool);
  log = await makeAuditWorld(world.db, world.home, NOW.getTime());
});

const verified = () => verifyDatabase(world.db, world.home, { file: log.file });
const sql = (text: string, params: unknown[] = []) => pool.query(text, params);
const latestNote = async () =>
  String((await sql("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")).rows[0].note);

describe("taking entries in", () => {
  it("gives every entry a place, without a gap, and signs", async () => {
    await log.fill(7, 3);
    const { rows } = await sql("SELECT leaf_index::int AS n FROM audit_leaf ORDER BY 1");
    expect(rows.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await verified()).toMatchObject({ size: 7, checkpoints: 6, fault: null });
  });

  it("takes an entry in that was committed late, behind those that came before it", async () => {
    const early = await pool.connect();
    await early.query("BEGIN");
    const { drizzle } = await import("drizzle-orm/node-postgres");
    const late = await log.write(drizzle(early) as never);
    const next = await log.write();
    await log.takeIn();
    await early.query("COMMIT");
    early.release();
    await log.takeIn();
    const { rows } = await sql("SELECT entry_id FROM audit_leaf ORDER BY leaf_index");
    expect(rows.map((row) => row.entry_id)).toEqual([next, late]);
    expect((await verified()).fault).toBeNull();
  });

  it("takes every entry in once when two workers do it at the same time", async () => {
    for (let n = 0; n < 20; n += 1) await log.write();
    await Promise.all([log.takeIn(), log.takeIn(), log.takeIn()]);
    expect(await verified()).toMatchObject({ size: 20, fault: null });
  });

  it("signs nothing when nothing waits", async () => {
    expect(await log.takeIn()).toEqual({ taken: 0, full: false });
    expect(await lastCheckpoint(log.file)).toBeNull();
  });

  it("takes in what was written before there was a log", async () => {
    const id = await log.write();
    await sql("UPDATE audit_pending SET leaf_hash = NULL WHERE entry_id = $1", [id]);
    await log.takeIn();
    expect(await verified()).toMatchObject({ size: 1, fault: null });
  });

  it("brings a file up to date that lags behind, also after a torn line", async () => {
    await log.fill(2, 1);
    const whole = await readFile(log.file, "utf8");
    await truncate(log.file, whole.length - 20);
    await log.fill(1, 1);
    expect((await lastCheckpoint(log.file))?.size).toBe(3);
    expect(await verified()).toMatchObject({ size: 3, fault: null });
  });
});

describe("keys", () => {
  it("are sealed, and two sign while one takes the place of the other", async () => {
    await log.fill(1, 1);
    const [first] = await logKeys(world.db, world.home);
    await rotateLogKey(world.as("admin"), log.keeper.sealer, { trustDomainId: world.home, overlapDays: 1 });
    await log.takeIn();
    const both = await latestNote();
    log.clock.ms = NOW.getTime() + 2 * 86_400_000;
    await log.fill(1, 1);
    const after = await latestNote();
    const texts = (await logKeys(world.db, world.home)).map(({ vkey }) => vkey);
    const inOrder = [first?.vkey ?? "", ...texts.filter((vkey) => vkey !== first?.vkey)];
    const keys = inOrder.map((vkey) => parseVkey(sha256, vkey));
    const signers = (note: string) => {
      const parsed = parseNote(note);
      return keys.map((key) => (parsed && key ? verifiedBy(parsed, [key], verifyEd25519)?.length : null));
    };
    expect(signers(both)).toEqual([1, 1]);
    expect(signers(after)).toEqual([0, 1]);
    expect((await verified()).fault).toBeNull();
    expect(first?.sealedPrivateKey.includes(Buffer.from("302e020100300506032b6570", "hex"))).toBe(false);
  });
});

describe("a superuser", () => {
  beforeEach(() => log.fill(12, 5));

  it.each([
    ["edits", "UPDATE audit_entry SET actor_id = 'nobody' WHERE id = $1", 4],
    ["edits what was after", `UPDATE audit_entry SET after = '{"a":1}' WHERE id = $1`, 4],
    ["backdates", "UPDATE audit_entry SET at = at - interval '1 day' WHERE id = $1", 4],
    ["deletes", "DELETE FROM audit_entry WHERE id = $1", 4],
    ["deletes the leaf of", "DELETE FROM audit_leaf WHERE entry_id = $1", 4],
  ])("who %s an entry is found, and the entry named", async (_, text, index) => {
    const { rows } = await sql("SELECT entry_id FROM audit_leaf WHERE leaf_index = 4");
    await sql(text, [rows[0].entry_id]);
    expect((await verified()).fault).toMatchObject({ index });
  });

  it("who changes an entry before it is taken in is found", async () => {
    const id = await log.write();
    await sql("UPDATE audit_entry SET outcome = 'refused' WHERE id = $1", [id]);
    await log.takeIn();
    expect((await verified()).fault).toMatchObject({ index: 12, entryId: id });
  });

  it("who deletes an entry before it is taken in is found", async () => {
    const id = await log.write();
    await sql("DELETE FROM audit_entry WHERE id = $1", [id]);
    await log.takeIn();
    expect((await verified()).fault).toMatchObject({ index: 12, entryId: id, what: "was deleted" });
  });

  it("who adds an entry by hand is found", async () => {
    await sql(
      `INSERT INTO audit_entry SELECT trust_domain_id, gen_random_uuid(), at, actor_kind, actor_id, action, entity,
        entity_id, outcome, problem_code, before, after, request_id, address FROM audit_entry LIMIT 1`,
    );
    expect((await verified()).fault).toMatchObject({ what: "was not written by the product" });
  });

  it("who cuts the log off with all its checkpoints is found by the file", async () => {
    await sql("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_leaf WHERE leaf_index >= 10)");
    await sql("DELETE FROM audit_leaf WHERE leaf_index >= 10");
    await sql("DELETE FROM audit_checkpoint WHERE size > 10");
    await sql("UPDATE audit_log SET size = 10");
    expect((await verified()).fault).toMatchObject({ index: 10 });
    await log.write();
    await expect(log.takeIn()).rejects.toThrow(LogContradiction);
  });

  it("who replaces the signing key and signs anew is found by the file and by a known key", async () => {
    const [known] = await logKeys(world.db, world.home);
    const other = await makeAuditWorld(world.db, world.home, NOW.getTime());
    for (const table of ["audit_leaf", "audit_checkpoint", "audit_log", "audit_log_key", "audit_entry"])
      await sql(`DELETE FROM ${table}`);
    await other.fill(12, 5);
    expect((await verified()).fault).not.toBeNull();
    const options = { file: `${other.file}.none`, vkeys: [known?.vkey ?? ""] };
    expect((await verifyDatabase(world.db, world.home, options)).fault).not.toBeNull();
  });
});

describe("outside the database", () => {
  it("a fork is found: the log signs nothing on top of it", async () => {
    await log.fill(4, 2);
    // Another machine has seen the log go on in another way.
    const last = await lastCheckpoint(log.file);
    const root = Buffer.from(last?.root ?? []).toString("base64");
    const forged = last?.note.replace(root, Buffer.alloc(32, 7).toString("base64"));
    await appendFile(log.file, `${JSON.stringify({ note: forged, from: 0, leaves: "" })}\n`);
    await log.write();
    await expect(log.takeIn()).rejects.toThrow(/forked/);
  });

  it("an older backup is found at the next turn", async () => {
    await log.fill(2, 1);
    const before = await readFile(log.file, "utf8");
    await log.fill(3, 1);
    const after = await readFile(log.file, "utf8");
    await sql("DELETE FROM audit_leaf WHERE leaf_index >= 2");
    await sql("DELETE FROM audit_checkpoint WHERE size > 2");
    const old = JSON.parse(before.trim().split("\n").at(-1) ?? "{}");
    const peaks = checkpointOf(old.note)?.root;
    await sql("UPDATE audit_log SET size = 2, peaks = $1", [Buffer.from(peaks ?? [])]);
    await expect(log.takeIn()).rejects.toThrow("the log was set back: it has 2 entries, and had 5");
    // Without the file nothing contradicts: that is what it is for.
    await writeFile(log.file, before);
    await expect(log.takeIn()).resolves.toBeDefined();
    expect(after.startsWith(before)).toBe(true);
  });

  it("a larger tree proves that it holds the smaller one", async () => {
    await log.fill(300, 100);
    const { rows } = await sql("SELECT size::int, root FROM audit_checkpoint ORDER BY size");
    const proof = await readProof(world.db, world.home, consistencyRanges(100, 300));
    const claim = { oldSize: 100, size: 300, oldRoot: rows[0].root, root: rows[2].root, proof };
    expect(isConsistent(sha256, claim)).toBe(true);
  });
});
