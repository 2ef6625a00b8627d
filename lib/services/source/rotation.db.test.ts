import { generateKeyPairSync } from "node:crypto";
import { and, desc, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { sourceKey } from "#db/schema/source";
import type { ServiceContext } from "#lib/services/context";
import { SOURCES } from "#lib/sources/registry";
import { useDatabase, whileLocked } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { activateKey } from "./activate-key.ts";
import { createSource } from "./create.ts";
import { sourceKeys } from "./keys.ts";
import { prepareKeys } from "./prepare-keys.ts";
import { retireKey } from "./retire-key.ts";

const { pool } = useDatabase();
const parts = { kinds: SOURCES, sealer: testSealer() };
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const jwkOf = (kid: string) => ({
  ...generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }),
  kid,
});

let world: World;
let sourceId: string;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain CASCADE");
  world = await makeWorld(pool);
  const body = { kind: "ear", name: "verifier", jwks: { keys: [jwkOf("old")] } };
  sourceId = (await createSource(world.as("admin"), body, SOURCES)).id;
});

const at = (seconds: number): ServiceContext => ({ ...world.as("admin"), now: () => later(seconds) });
const prepare = (kid: string, seconds = 0) =>
  prepareKeys(at(seconds), { sourceId, jwks: { keys: [jwkOf(kid)] } }, parts);
const activate = (kid: string, seconds = 0) => activateKey(at(seconds), { sourceId, kid });
const retire = (kid: string, seconds = 0, graceSeconds = 60) =>
  retireKey(at(seconds), { sourceId, kid, graceSeconds });
const states = async () =>
  Object.fromEntries(
    (await sourceKeys(world.as("viewer"), { sourceId })).items.map(({ kid, state }) => [kid, state]),
  );
const distrust = (kid: string) =>
  world.db.update(sourceKey).set({ state: "distrusted" }).where(eq(sourceKey.kid, kid));

describe("a rotation", () => {
  it("goes from prepared over active to retired, and keeps every instant and an entry for each step", async () => {
    await prepare("new", 10);
    expect(await states()).toEqual({ old: "active", new: "prepared" });
    await activate("new", 20);
    await retire("old", 30);
    expect((await sourceKeys(world.as("viewer"), { sourceId })).items).toMatchObject([
      {
        kid: "old",
        state: "retired",
        validFrom: NOW.toISOString(),
        activatedAt: NOW.toISOString(),
        validTo: later(30).toISOString(),
        acceptUntil: later(90).toISOString(),
      },
      {
        kid: "new",
        state: "active",
        validFrom: later(10).toISOString(),
        activatedAt: later(20).toISOString(),
        validTo: null,
        acceptUntil: null,
      },
    ]);
    const entries = await world.db
      .select({ action: auditEntry.action, entityId: auditEntry.entityId })
      .from(auditEntry)
      .where(and(eq(auditEntry.entity, "source_key"), eq(auditEntry.outcome, "done")))
      .orderBy(desc(auditEntry.at));
    expect(entries).toEqual(
      ["retire", "activate", "prepare"].map((verb) => ({ action: `source_key.${verb}`, entityId: sourceId })),
    );
  });

  it("is told of any instant as it stood then", async () => {
    await prepare("new", 10);
    await activate("new", 20);
    await retire("old", 30);
    const statesAt = async (seconds: number) => {
      const { items } = await sourceKeys(at(100), { sourceId, asOf: later(seconds).toISOString() });
      return items.map(({ kid, state, validTo }) => [kid, state, validTo]);
    };
    expect(await statesAt(5)).toEqual([["old", "active", null]]);
    expect(await statesAt(15)).toEqual([
      ["old", "active", null],
      ["new", "prepared", null],
    ]);
    expect(await statesAt(25)).toEqual([
      ["old", "active", null],
      ["new", "active", null],
    ]);
    expect(await statesAt(35)).toEqual([
      ["old", "retired", later(30).toISOString()],
      ["new", "active", null],
    ]);
  });

  it("never leaves a source without an active key", async () => {
    expect(await refusalOf(retire("old"))).toBe("key/last-active");
    await prepare("new");
    expect(await refusalOf(retire("old"))).toBe("key/last-active");
    await activate("new");
    await retire("old");
    expect(await refusalOf(retire("new"))).toBe("key/last-active");
    expect(await states()).toEqual({ old: "retired", new: "active" });
  });

  it("lets a prepared key go that turned out to be wrong", async () => {
    await prepare("wrong");
    await retire("wrong");
    expect(await states()).toEqual({ old: "active", wrong: "retired" });
  });

  it("takes no step twice and none backwards", async () => {
    await prepare("new");
    await activate("new");
    expect(await refusalOf(activate("new"))).toBe("key/wrong-state");
    await retire("old");
    for (const step of [activate, retire]) expect(await refusalOf(step("old"))).toBe("key/wrong-state");
    expect(await refusalOf(activate("unheard-of"))).toBe("key/not-found");
  });

  it("never touches a distrusted key, and does not let it back in under another name", async () => {
    const jwk = jwkOf("bad");
    await prepareKeys(at(0), { sourceId, jwks: { keys: [jwk] } }, parts);
    await distrust("bad");
    for (const step of [activate, retire]) expect(await refusalOf(step("bad"))).toBe("key/wrong-state");
    const again = (kid: string) => prepareKeys(at(0), { sourceId, jwks: { keys: [{ ...jwk, kid }] } }, parts);
    for (const kid of ["bad", "innocent"]) expect(await refusalOf(again(kid))).toBe("key/taken");
    expect(await states()).toEqual({ old: "active", bad: "distrusted" });
  });

  it("ends with one active key when two people retire one of two each at the same moment", async () => {
    await prepare("new");
    await activate("new");
    const results = await whileLocked(pool, "source", "id = $1", [sourceId], { blocked: 2 }, () => [
      retire("old"),
      retire("new"),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(Object.values(await states()).sort()).toEqual(["active", "retired"]);
  });

  it("takes no more live keys than are tried, and makes room by retiring", async () => {
    const body = {
      kind: "tailscale",
      name: "tailnet",
      secrets: ["secret number 0 of this test".replaceAll(" ", "-")],
    };
    const { id } = await createSource(world.as("admin"), body, SOURCES, parts.sealer);
    const add = (n: number) =>
      prepareKeys(at(n), { sourceId: id, secrets: [`secret-number-${n}-of-this-test`] }, parts);
    for (let n = 1; n <= 5; n += 1) await add(n);
    expect(await refusalOf(add(0))).toBe("key/taken");
    expect(await refusalOf(add(6))).toBe("key/too-many");
    const { items } = await sourceKeys(world.as("viewer"), { sourceId: id });
    await retireKey(at(9), { sourceId: id, kid: items[1]?.kid ?? "" });
    expect(await refusalOf(add(6))).toBe("not refused");
    expect(await refusalOf(add(1))).toBe("key/taken");
  });

  it("is for those who manage sources, in their own domains, and needs a key to begin with", async () => {
    const attempts = (ctx: ServiceContext) => [
      () => prepareKeys(ctx, { sourceId, jwks: { keys: [jwkOf("x")] } }, parts),
      () => activateKey(ctx, { sourceId, kid: "old" }),
      () => retireKey(ctx, { sourceId, kid: "old" }),
    ];
    for (const attempt of attempts(world.as("analyst")))
      expect(await refusalOf(attempt())).toBe("auth/forbidden");
    const abroad = world.as("admin", [world.away]);
    for (const attempt of attempts(abroad)) expect(await refusalOf(attempt())).toBe("source/not-found");
    expect(await refusalOf(sourceKeys(abroad, { sourceId }))).toBe("source/not-found");
    expect(await refusalOf(prepareKeys(at(0), { sourceId }, parts))).toBe("request/invalid");
    expect(await states()).toEqual({ old: "active" });
  });
});
