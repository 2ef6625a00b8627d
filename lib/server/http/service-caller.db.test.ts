import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { auditEntry } from "#db/schema/people";
import { source } from "#db/schema/source";
import type { Permission, Role } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { createServiceAccount } from "#lib/services/service-account/create";
import { createServiceKey, revokeServiceKey } from "#lib/services/service-account/keys";
import { createUser } from "#lib/services/user/create";
import { signIn } from "#lib/services/user/sign-in";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, type World } from "#tests/world";
import { sessionCookieValue } from "../auth-testing.ts";
import type * as RouteModule from "./route.ts";
import type { RouteHandler } from "./route.ts";

const SECRET = "a secret of thirty-two characters or more";
const ORIGIN = "http://127.0.0.1:3998";
const PASSWORD = "correct horse battery";
const { pool, url } = useDatabase();
let world: World;
let root: ServiceContext;
let route: (typeof RouteModule)["route"];
let createSource: RouteHandler;
let ingest: RouteHandler;

beforeAll(async () => {
  const settings = { DATABASE_URL: url, NEXTAUTH_SECRET: SECRET, PORT: "3998", LOG_LEVEL: "silent" };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  world = await makeWorld(pool);
  const admin = { ...world.as("admin", [world.home, world.away]), now: () => new Date() };
  const body = { email: "root@example.org", role: "admin", password: PASSWORD } as const;
  const { user } = await createUser(admin, body);
  await pool.query("UPDATE app_user SET must_change_password = false");
  root = { ...admin, actor: { ...admin.actor, id: user.id } };
  ({ route } = await import("./route.ts"));
  ({ POST: createSource } = await import("../../../app/api/v1/sources/route.ts"));
  ({ POST: ingest } = await import("../../../app/api/v1/events/route.ts"));
});
afterAll(async () => {
  const { closeDatabases } = await import("../runtime.ts");
  await closeDatabases();
});

let names = 0;
async function program(role: Role, scopes: Permission[], domain = world.home) {
  names += 1;
  const { id } = await createServiceAccount(root, { trustDomainId: domain, name: `bot ${names}`, role });
  const { secret, key } = await createServiceKey(root, { serviceAccountId: id, scopes });
  return { id, keyId: key.id, authorization: `Bearer ${secret}` };
}
async function cookieOfRoot(): Promise<string> {
  const who = {
    email: "root@example.org",
    password: PASSWORD,
    address: null,
    userAgent: null,
    requestId: "r",
  };
  const result = await signIn(world.db, testSealer(), { ...who, now: new Date() });
  if (!result.ok) throw new Error(result.code);
  return `touchstone.session=${await sessionCookieValue(result.sid, SECRET)}`;
}
const none = { params: Promise.resolve({}) };
const who = (permission: Permission = "fleet:read", stepUp = false) =>
  route({
    permission,
    ...(stepUp ? { stepUp } : {}),
    operation: "test.who",
    summary: "Who",
    schemas: {},
    output: z.strictObject({ kind: z.string(), id: z.string(), domains: z.array(z.string()) }),
    handle: ({ actor: { kind, id, trustDomainIds } }) => ({ kind, id, domains: [...trustDomainIds] }),
  });
const ask = (handler: RouteHandler, headers: Record<string, string>, { method = "GET", path = "/x" } = {}) =>
  handler(new Request(`${ORIGIN}${path}`, { method, headers }), none);
const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code;
const addSource = (name: string, headers: Record<string, string>) =>
  createSource(
    new Request(`${ORIGIN}/api/v1/sources`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ kind: "generic", name }),
    }),
    none,
  );
const stored = (name: string) => world.db.$count(source, eq(source.name, name));

describe("a request with the key of a service account", () => {
  it("is the account's, narrowed by its scopes, until the key is revoked: the next request is refused", async () => {
    const bot = await program("viewer", ["fleet:read"], world.away);
    const { authorization } = bot;
    const answer = await ask(who(), { authorization });
    expect(await answer.json()).toEqual({ kind: "service", id: bot.id, domains: [world.away] });
    expect(answer.headers.get("ratelimit")).toMatch(/^"default";r=1199;/);
    expect(await codeOf(await ask(who("source:read"), { authorization }))).toBe("auth/forbidden");
    await revokeServiceKey(root, { serviceAccountId: bot.id, keyId: bot.keyId });
    expect((await ask(who(), { authorization })).status).toBe(401);
  });

  it("sees its own trust domains only, whatever the address says", async () => {
    const { authorization } = await program("viewer", ["fleet:read"], world.away);
    const path = `/x?scope=${world.home}`;
    expect(await codeOf(await ask(who(), { authorization }, { path }))).toBe("domain/not-found");
  });

  it("is judged by the key alone when a cookie is there too, in both directions", async () => {
    const cookie = await cookieOfRoot();
    const { authorization, id } = await program("viewer", ["fleet:read"]);
    expect(await (await ask(who(), { authorization, cookie })).json()).toMatchObject({ kind: "service", id });
    expect((await ask(who("user:read"), { authorization, cookie })).status).toBe(403);
    for (const bad of ["Bearer ts_00000000_x", "Bearer a.b.c", "Basic x", ""])
      expect((await ask(who(), { authorization: bad, cookie })).status).toBe(401);
    expect((await ask(who("user:read"), { cookie })).status).toBe(200);
  });

  it("changes things without an origin, but only as JSON", async () => {
    const { authorization, id } = await program("admin", ["source:manage"]);
    expect((await addSource("by program", { authorization })).status).toBe(201);
    const form = await addSource("by form", { authorization, "content-type": "text/plain" });
    expect(await codeOf(form)).toBe("request/unsupported-media-type");
    expect([await stored("by program"), await stored("by form")]).toEqual([1, 0]);
    const done = and(
      eq(auditEntry.actorKind, "service"),
      eq(auditEntry.actorId, id),
      eq(auditEntry.outcome, "done"),
    );
    expect(await world.db.select().from(auditEntry).where(done)).toMatchObject([{ action: "source.create" }]);
  });

  it("is refused what its scopes do not hold, and the attempt is on the record", async () => {
    const { authorization, id } = await program("admin", ["fleet:read"]);
    expect(await codeOf(await addSource("beyond", { authorization }))).toBe("auth/forbidden");
    expect(await stored("beyond")).toBe(0);
    const tried = and(eq(auditEntry.actorId, id), eq(auditEntry.problemCode, "auth/forbidden"));
    expect(await world.db.select().from(auditEntry).where(tried)).toMatchObject([
      { action: "source.create" },
    ]);
  });

  it("is refused whatever wants fresh proof, for it has none to give", async () => {
    const { authorization } = await program("admin", ["source:manage"]);
    const headers = { authorization, "content-type": "application/json" };
    const answer = await ask(who("source:manage", true), headers, { method: "POST" });
    expect([answer.status, await codeOf(answer)]).toEqual([403, "auth/forbidden"]);
    expect((await ask(who("source:manage"), headers, { method: "POST" })).status).toBe(200);
  });

  it("delivers no evidence: that takes the key of a source", async () => {
    const { authorization } = await program("admin", ["source:manage"]);
    const request = new Request(`${ORIGIN}/api/v1/events`, {
      method: "POST",
      headers: { authorization },
      body: "{}",
    });
    expect((await ingest(request, none)).status).toBe(403);
  });
});

describe("a change under an Idempotency-Key", () => {
  const numbered = () =>
    route({
      permission: "source:manage",
      idempotent: true,
      operation: "test.numbered",
      summary: "Numbered",
      schemas: { body: z.strictObject({ n: z.int() }) },
      output: z.strictObject({ n: z.int(), at: z.string() }),
      status: 201,
      handle: (_ctx, { body }) => ({ n: body.n, at: crypto.randomUUID() }),
    });
  const send = (
    handler: RouteHandler,
    authorization: string,
    key: string | null,
    body: unknown,
    path = "/x",
  ) =>
    handler(
      new Request(`${ORIGIN}${path}`, {
        method: "POST",
        headers: {
          authorization,
          "content-type": "application/json",
          ...(key === null ? {} : { "idempotency-key": key }),
        },
        body: JSON.stringify(body),
      }),
      none,
    );

  it("is answered again with the same status and body, and says that it is a repeat", async () => {
    const { authorization } = await program("admin", ["source:manage"]);
    const [first, again] = [
      await send(numbered(), authorization, '"one"', { n: 1 }),
      await send(numbered(), authorization, "one", { n: 1 }),
    ];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect([first, again].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
  });

  it("is another one with another body or another address, and refused then", async () => {
    const { authorization } = await program("admin", ["source:manage"]);
    await send(numbered(), authorization, '"k"', { n: 1 });
    for (const answer of [
      await send(numbered(), authorization, '"k"', { n: 2 }),
      await send(numbered(), authorization, '"k"', { n: 1 }, "/y"),
    ])
      expect([answer.status, await codeOf(answer)]).toEqual([422, "request/key-reused"]);
  });

  it("is refused as malformed when the key is none, or no answer is kept there", async () => {
    const { authorization } = await program("admin", ["source:manage"]);
    for (const key of ["", '"', '"a"b"', "a b", `"${"x".repeat(256)}"`, '"a", "b"'])
      expect(await codeOf(await send(numbered(), authorization, key, { n: 1 }))).toBe("request/malformed");
    const answer = await addSource("kept", { authorization, "idempotency-key": '"k"' });
    expect([answer.status, await stored("kept")]).toEqual([400, 0]);
  });

  it("still asks who may do it: a repeat by whom the right was taken from is refused", async () => {
    const bot = await program("admin", ["source:manage"]);
    expect((await send(numbered(), bot.authorization, '"k"', { n: 1 })).status).toBe(201);
    await pool.query("UPDATE service_grant SET role = 'viewer' WHERE service_account_id = $1", [bot.id]);
    expect((await send(numbered(), bot.authorization, '"k"', { n: 1 })).status).toBe(403);
  });
});
