import { drizzle } from "drizzle-orm/node-postgres";
import { beforeAll, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { CredentialListQuery } from "#lib/contracts/credential";
import type { Actor } from "#lib/domain/access";
import { SOURCES } from "#lib/sources/registry";
import { BATCH, cloudEvent, makeWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { endingCredentialList } from "./ending.ts";
import { nodeCredentials } from "./of-node.ts";

const { pool } = useDatabase();
const NOW = new Date("2026-11-20T12:00:00.000Z");
const DAY_MS = 86_400_000;
const at = (days: number) => new Date(NOW.getTime() + days * DAY_MS).toISOString();

let world: World;
let nodeId = "";
let ctx: Parameters<typeof nodeCredentials>[0];

type Told = { type: string; day: number; node?: string; from?: number; to?: number; serial?: string };
function document({ type, day, node = "n1", from, to, serial }: Told) {
  return {
    schema: "touchstone.bootstrap/1",
    type,
    outcome: "success",
    occurredAt: at(day),
    identities: [{ kind: "custom", value: node }],
    ...(to !== undefined && {
      credential: {
        kind: "x509",
        issuer: "CN=ca",
        serial: serial ?? "01",
        notBefore: at(from ?? day),
        notAfter: at(to),
      },
    }),
  };
}

beforeAll(async () => {
  const clock = { now: NOW };
  world = await makeWorld(pool, clock);
  const { bearer } = await world.addSource({
    kind: "generic",
    scopes: ["ingest:write", "ingest:backfill"],
  });
  const send = async (told: Told[]) => {
    const body = JSON.stringify(told.map((one) => cloudEvent("bootstrap", document(one))));
    const { json } = await world.send({ bearer, path: "/api/v1/events?backfill=true", headers: BATCH, body });
    expect(json).toMatchObject({ accepted: told.length, rejected: [] });
  };
  clock.now = new Date(at(-3));
  await send([
    { type: "enrollment.credential_issued", day: -20, to: -5, serial: "0a" },
    { type: "enrollment.credential_renewed", day: -10, to: 3, serial: "0b" },
    { type: "enrollment.credential_issued", day: -20, to: -1, node: "late", serial: "0c" },
    { type: "enrollment.credential_issued", day: -20, to: 60, node: "calm", serial: "0d" },
    { type: "enrollment.credential_issued", day: -20, to: 2, node: "gone", serial: "0e" },
    { type: "identity.banned", day: -4, node: "gone" },
  ]);
  clock.now = NOW;
  await send([{ type: "identity.banned", day: -2 }]);
  const found = await pool.query("SELECT id FROM node WHERE display_name = 'n1'");
  nodeId = found.rows[0].id;
  const actor: Actor = {
    kind: "user",
    id: "00000000-0000-0000-0000-000000000001",
    sessionId: "s",
    email: "v@example.test",
    role: "viewer",
    trustDomainIds: [world.trustDomainId],
    mustChangePassword: false,
  };
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  ctx = { db, actor, requestId: "r", address: null, now: () => NOW };
});

const list = (query: Partial<CredentialListQuery> = {}) =>
  endingCredentialList(ctx, CredentialListQuery.parse(query));

describe("credentials of a node", () => {
  it("are told by the events: what was issued, replaced, taken away, and until when it still works", async () => {
    const { items, residual } = await nodeCredentials(ctx, { nodeId }, SOURCES);
    expect(items.map(({ serial, state, notAfter }) => [serial, state, notAfter])).toEqual([
      ["0b", "revoked", at(3)],
      ["0a", "expired", at(-5)],
    ]);
    expect(residual).toEqual({ state: "until", until: at(3) });
  });

  it("as of before the ban, and as known before it was received, it was good", async () => {
    for (const query of [{ asOf: at(-2.5) }, { knownAt: at(-2) }]) {
      const { items, residual } = await nodeCredentials(ctx, { nodeId, ...query }, SOURCES);
      expect(items[0]).toMatchObject({ serial: "0b", state: "valid", revokedAt: null });
      expect(residual).toEqual({ state: "none" });
    }
  });

  it("nothing is said about the future", async () => {
    await expect(nodeCredentials(ctx, { nodeId, asOf: at(1) }, SOURCES)).rejects.toMatchObject({
      code: "request/invalid",
    });
  });

  it("are invisible from another domain", async () => {
    const foreign = { ...ctx, actor: { ...ctx.actor, trustDomainIds: [crypto.randomUUID()] } };
    await expect(nodeCredentials(foreign, { nodeId }, SOURCES)).rejects.toMatchObject({
      code: "node/not-found",
    });
    expect((await endingCredentialList(foreign, CredentialListQuery.parse({}))).items).toEqual([]);
  });
});

describe("credentials that end soon", () => {
  it("are those that nothing replaced or took away, expired ones of the last days included", async () => {
    const { items } = await list();
    expect(items.map(({ nodeName, state }) => [nodeName, state])).toEqual([["late", "expired"]]);
    const wide = await list({ within: "90d" });
    expect(wide.items.map(({ nodeName, state }) => [nodeName, state])).toEqual([
      ["late", "expired"],
      ["calm", "valid"],
    ]);
  });

  it("are paged without a gap or a repeat", async () => {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await list({ within: "90d", limit: 1, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map(({ nodeName }) => nodeName));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(["late", "calm"]);
  });

  it("follow both instants", async () => {
    const { items } = await list({ asOf: at(-2.5), within: "7d" });
    expect(items.map(({ nodeName }) => nodeName)).toEqual(["late", "n1"]);
  });
});
