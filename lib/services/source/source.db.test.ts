import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { apiKey } from "#db/schema/source";
import { authenticateApiKey } from "#lib/server/api-key";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { addVerdict, ago, MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { createSource } from "./create.ts";
import { createApiKey } from "./create-api-key.ts";
import { disableSource } from "./disable.ts";
import { sourceGet, sourceList } from "./list.ts";
import { rejectedEvents } from "./rejected.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

const KINDS = [
  {
    kind: "generic",
    label: "Generic",
    defaults: { nodeIdPointer: null, acceptPastMs: 1_000, acceptFutureMs: 2_000, staleAfterMs: null },
  },
];
const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});
const admin = () => world.as("admin");
const create = (body: object) => createSource(admin(), { kind: "generic", name: "s", ...body }, KINDS);
const later = (ms: number) => new Date(NOW.getTime() + ms);

describe("creating a source", () => {
  it("takes the kind's defaults, keeps the public part of the keys and records it", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = publicKey.export({ format: "jwk" });
    const made = await create({ name: "with keys", jwks: { keys: [{ ...jwk, kid: "k1", use: "sig" }] } });
    expect(made).toMatchObject({
      acceptPastMs: 1_000,
      staleAfterMs: null,
      keys: [{ kid: "k1", alg: "ES256", state: "active" }],
    });
    const [entry] = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, made.id));
    expect(entry).toMatchObject({ action: "source.create", outcome: "done" });
  });

  it("names a key without a kid by its RFC 7638 thumbprint", async () => {
    // The example of RFC 7638, section 3.1.
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    const made = await create({
      name: "thumb",
      jwks: { keys: [{ kty: "RSA", n, e: "AQAB", alg: "PS256" }] },
    });
    expect(made.keys[0]?.kid).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  it.each([
    [
      "a private key",
      () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
      "/d",
    ],
    ["a symmetric key", () => ({ kty: "oct", k: "AAAA" }), "/k"],
    ["an unknown key type", () => ({ kty: "AKP", pub: "AAAA" }), "/kty"],
    [
      "a short RSA key",
      () => ({
        ...generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" }),
        alg: "RS256",
      }),
      "/n",
    ],
    [
      "an RSA key without algorithm",
      () => generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }),
      "/alg",
    ],
    [
      "the wrong algorithm",
      () => ({ ...generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }), alg: "HS256" }),
      "/alg",
    ],
    ["a point off the curve", () => ({ kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" }), ""],
  ])("refuses %s with a pointer to it", async (_what, jwk, member) => {
    await expect(create({ name: "bad", jwks: { keys: [jwk()] } })).rejects.toMatchObject({
      code: "request/invalid",
      pointers: [{ pointer: `#/jwks/keys/0${member}` }],
    });
  });

  it("refuses a taken name and an unknown kind", async () => {
    await create({ name: "twice" });
    expect(await refusalOf(create({ name: "twice" }))).toBe("source/name-taken");
    expect(await refusalOf(create({ kind: "nope", name: "n" }))).toBe("request/invalid");
  });
});

describe("API keys", () => {
  const key = (sourceId: string) =>
    createApiKey(admin(), { sourceId, scopes: ["ingest:write"], expiresInDays: 1 });

  it("let their source in and nobody else, until they expire", async () => {
    const { secret, key: view } = await key(world.lab);
    expect(secret).toMatch(/^ts_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(await authenticateApiKey(world.db, `Bearer ${secret}`, NOW)).toEqual({
      actor: {
        kind: "api_key",
        id: view.id,
        sourceId: world.lab,
        scopes: ["ingest:write"],
        trustDomainIds: [world.home],
      },
    });
    for (const header of [
      undefined,
      "",
      secret,
      `Basic ${secret}`,
      `Bearer ${secret}x`,
      `Bearer ${secret.slice(0, -1)}${secret.endsWith("A") ? "E" : "A"}`,
    ]) {
      expect(await authenticateApiKey(world.db, header, NOW)).toBeNull();
    }
    expect(await authenticateApiKey(world.db, `Bearer ${secret}`, later(86_400_000))).toBeNull();
  });

  it("are stored as a digest, and their secret stands in no audit entry", async () => {
    const { secret } = await key(world.lab);
    const stored = JSON.stringify([
      await world.db.select().from(apiKey),
      await world.db.select().from(auditEntry),
    ]);
    expect(stored).not.toContain(secret.slice(12));
  });

  it("stop counting within seconds of their revocation or their source's end", async () => {
    const [one, two] = [await key(world.lab), await key((await create({ name: "ending" })).id)];
    const works = async (secret: string, ms: number) =>
      (await authenticateApiKey(world.db, `Bearer ${secret}`, later(ms))) !== null;
    expect([await works(one.secret, 0), await works(two.secret, 0)]).toEqual([true, true]);
    await revokeApiKey(admin(), { sourceId: world.lab, apiKeyId: one.key.id });
    const { items } = await sourceList(admin(), KINDS);
    const ending = items.find(({ name }) => name === "ending");
    await disableSource(admin(), { sourceId: ending?.id ?? "" });
    expect([await works(one.secret, 5_000), await works(two.secret, 5_000)]).toEqual([false, false]);
  });

  it("note their use at most once a minute", async () => {
    const { secret, key: view } = await key(world.lab);
    const used = async (ms: number) => {
      await authenticateApiKey(world.db, `Bearer ${secret}`, later(ms));
      const [row] = await world.db.select().from(apiKey).where(eq(apiKey.id, view.id));
      return row?.lastUsedAt?.getTime();
    };
    expect(await used(0)).toBe(NOW.getTime());
    expect(await used(59_000)).toBe(NOW.getTime());
    expect(await used(MINUTE)).toBe(NOW.getTime() + MINUTE);
  });

  it("of another trust domain's source cannot be made or revoked", async () => {
    const far = await world.addSource("Far", { domain: world.away });
    expect(await refusalOf(key(far))).toBe("source/not-found");
    const { key: view } = await key(world.lab);
    expect(await refusalOf(revokeApiKey(admin(), { sourceId: far, apiKeyId: view.id }))).toBe(
      "source/not-found",
    );
    expect(await refusalOf(disableSource(admin(), { sourceId: far }))).toBe("source/not-found");
    expect(await refusalOf(sourceGet(admin(), { sourceId: far }, KINDS))).toBe("source/not-found");
  });
});

describe("the source list", () => {
  it("sums the last 24 hours and spreads them over 24 hours", async () => {
    const nodeId = await world.addNode({ name: "n" });
    const bucket = (minutes: number, accepted: number) =>
      pool.query("INSERT INTO rollup VALUES ($1, $2, $3, $4, 1, 0, $4, 0, 0, 0, $3)", [
        world.home,
        world.lab,
        ago(minutes),
        accepted,
      ]);
    await bucket(25 * 60, 100);
    await bucket(23 * 60 + 30, 2);
    await bucket(30, 3);
    await addVerdict(world, { nodeId, at: ago(30), raw: "{}" });
    const lab = await sourceGet(world.as("viewer"), { sourceId: world.lab }, KINDS);
    expect(lab).toMatchObject({
      last24h: { accepted: 5, duplicate: 2, rejected: 0 },
      silent: true,
      nodes: 1,
    });
    expect(lab.hourly).toEqual([2, ...Array.from({ length: 22 }, () => 0), 3]);
    // What was received lately may be old: silence is judged by the dates of the evidence.
    await bucket(5, 1);
    expect((await sourceGet(world.as("viewer"), { sourceId: world.lab }, KINDS)).silent).toBe(true);
    await addVerdict(world, { nodeId, at: ago(5), raw: "[]" });
    expect((await sourceGet(world.as("viewer"), { sourceId: world.lab }, KINDS)).silent).toBe(false);
  });
});

describe("refused events", () => {
  it("page without loss among those of the same millisecond, with unprintable bytes escaped", async () => {
    for (let n = 0; n < 3; n += 1) {
      await pool.query(
        `INSERT INTO rejected_event VALUES ($1, $2, $3, 'event/signature', $4, 'signature', 'd', NULL, 2, $5, $5, 'x', $6, 9)`,
        [world.home, world.lab, Buffer.from([n]), uuidv7(NOW), NOW, Buffer.from(`<b>\u0000\u202e${n}`)],
      );
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await rejectedEvents(world.as("auditor"), { sourceId: world.lab, limit: 1, cursor });
      seen.push(...page.items.map((item) => item.id));
      expect(page.items[0]).toMatchObject({ times: 2, title: "The signature does not verify" });
      expect(page.items[0]?.excerpt).toMatch(/^<b>\\x00\\xe2\\x80\\xae\d$/);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([3, 3]);
    expect(await refusalOf(rejectedEvents(world.as("viewer"), { sourceId: world.lab, limit: 1 }))).toBe(
      "auth/forbidden",
    );
    expect(await refusalOf(rejectedEvents(world.as("auditor"), { sourceId: uuidv7(NOW), limit: 1 }))).toBe(
      "source/not-found",
    );
  });
});
