import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { trustDomain } from "#db/schema/fleet";
import { auditEntry } from "#db/schema/people";
import { source } from "#db/schema/source";
import type { Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { grantRole } from "#lib/services/access/grant-role";
import { readScope } from "#lib/services/guard";
import { createApiKey } from "#lib/services/source/create-api-key";
import { createUser } from "#lib/services/user/create";
import { signOut } from "#lib/services/user/session";
import { signIn } from "#lib/services/user/sign-in";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, type World } from "#tests/world";
import { sessionCookieValue } from "../auth-testing.ts";
import type * as RouteModule from "./route.ts";
import type { RouteHandler } from "./route.ts";

type Route = typeof RouteModule;

const SECRET = "a secret of thirty-two characters or more";
const ORIGIN = "http://127.0.0.1:3999";
const { pool, url } = useDatabase();
let world: World;
let route: Route["route"];
let post: RouteHandler;

beforeAll(async () => {
  for (const [name, value] of Object.entries({
    DATABASE_URL: url,
    NEXTAUTH_SECRET: SECRET,
    PORT: "3999",
    LOG_LEVEL: "silent",
  })) {
    vi.stubEnv(name, value);
  }
  world = await makeWorld(pool);
  ({ route } = await import("./route.ts"));
  ({ POST: post } = await import("../../../app/api/v1/sources/route.ts"));
});
afterAll(async () => {
  const { closeDatabases } = await import("../runtime.ts");
  await closeDatabases();
});

const PASSWORD = "correct horse battery";

/** Cookie header of a new session of a new person with this role. */
async function cookieOf(
  role: Role,
  { changed = true, domain = world.home } = {},
): Promise<{ cookie: string; sid: string; userId: string }> {
  const email = `${role}-${Math.random()}@example.org`.toLowerCase();
  await createUser(world.as("admin", [world.home, world.away]), {
    email,
    role,
    password: PASSWORD,
    trustDomainId: domain,
  });
  if (changed) await pool.query("UPDATE app_user SET must_change_password = false WHERE email = $1", [email]);
  return openSessionOf(email);
}

async function openSessionOf(email: string): Promise<{ cookie: string; sid: string; userId: string }> {
  const who = { email, password: PASSWORD, address: null, userAgent: null, requestId: "r" };
  const result = await signIn(world.db, testSealer(), { ...who, now: new Date() });
  if (!result.ok) throw new Error(result.code);
  const token = await sessionCookieValue(result.sid, SECRET);
  return { cookie: `other=1; touchstone.session=${token}`, sid: result.sid, userId: result.userId };
}

/** Cookie header of another session of the same person. */
async function cookieAgain(userId: string): Promise<string> {
  const { rows } = await pool.query<{ email: string }>("SELECT email FROM app_user WHERE id = $1", [userId]);
  return (await openSessionOf(rows[0]?.email ?? "")).cookie;
}
const none = { params: Promise.resolve({}) };
const probe = (permission: Parameters<typeof route>[0]["permission"] = "fleet:read") =>
  route({
    permission,
    operation: "test.probe",
    summary: "A probe",
    schemas: { query: z.strictObject({ n: z.coerce.number().int().optional() }) },
    output: z.strictObject({ who: z.string() }),
    handle: ({ actor }) => ({ who: actor.kind }),
  });
const get = (headers: Record<string, string> = {}, query = "") =>
  new Request(`${ORIGIN}/probe${query}`, { headers });
const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code;
/** A request to add a source, as our own page sends it. */
const addSource = (name: string, headers: Record<string, string | undefined>) => {
  const all = {
    "content-type": "application/json",
    origin: ORIGIN,
    "sec-fetch-site": "same-origin",
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
  return post(
    new Request(`${ORIGIN}/api/v1/sources`, {
      method: "POST",
      headers: sent,
      body: JSON.stringify({ kind: "generic", name }),
    }),
    none,
  );
};
const stored = (name: string) => world.db.$count(source, eq(source.name, name));

describe("a route", () => {
  it("answers a stranger with 401 and nothing about the schema", async () => {
    const response = await probe()(get({}, "?n=x"), none);
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await codeOf(response)).toBe("auth/required");
  });

  it("knows a person by the session cookie, until the session is revoked", async () => {
    const { cookie, sid } = await cookieOf("viewer");
    const response = await probe()(get({ cookie }), none);
    expect([response.status, await response.json()]).toEqual([200, { who: "user" }]);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    await signOut(world.db, sid, { now: new Date(), requestId: "r", address: null });
    expect((await probe()(get({ cookie }), none)).status).toBe(401);
  });

  it("takes no cookie that was made with another secret", async () => {
    const { sid } = await cookieOf("viewer");
    const token = await sessionCookieValue(sid, "another secret of thirty-two characters");
    expect((await probe()(get({ cookie: `touchstone.session=${token}` }), none)).status).toBe(401);
  });

  it("judges a request with an Authorization header by it alone", async () => {
    const { cookie } = await cookieOf("admin");
    expect((await probe()(get({ cookie, authorization: "Bearer nonsense" }), none)).status).toBe(401);
    const { secret } = await createApiKey(
      { ...world.as("admin"), now: () => new Date() },
      { sourceId: world.lab, scopes: ["ingest:write"] },
    );
    const response = await probe()(get({ cookie, authorization: `Bearer ${secret}` }), none);
    expect([response.status, await codeOf(response)]).toEqual([403, "auth/forbidden"]);
    expect((await probe("ingest:write")(get({ authorization: `Bearer ${secret}` }), none)).status).toBe(200);
  });

  it("gives whoever must change the password nothing but the account", async () => {
    const { cookie } = await cookieOf("admin", { changed: false });
    expect(await codeOf(await probe()(get({ cookie }), none))).toBe("auth/password-change-required");
    expect((await probe("account:own")(get({ cookie }), none)).status).toBe(200);
  });

  it("points at what is wrong in a query, also at a parameter given twice or unknown", async () => {
    const { cookie } = await cookieOf("viewer");
    for (const [query, pointer] of [
      ["?n=x", "#/query/n"],
      ["?n=1&n=2", "#/query/n"],
      ["?m=1", "#/query/m"],
    ] as const) {
      const response = await probe()(get({ cookie }, query), none);
      expect([response.status, ((await response.json()) as { errors: object[] }).errors]).toMatchObject([
        422,
        [{ pointer }],
      ]);
    }
  });

  it("makes up its own request id, and ties the problem document to it", async () => {
    const response = await probe()(get({ "x-request-id": "mine" }), none);
    const id = response.headers.get("x-request-id");
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toMatchObject({ requestId: id });
  });

  it("hides what went wrong inside", async () => {
    const broken = route({
      permission: "public",
      operation: "test.broken",
      summary: "Broken",
      schemas: {},
      output: null,
      handle() {
        throw new Error("password=hunter2");
      },
    });
    const response = await broken(get(), none);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
  });

  it("lets nothing out that the contract does not name", async () => {
    const leaking = route({
      permission: "public",
      operation: "test.leak",
      summary: "Leaks",
      schemas: {},
      output: z.strictObject({ name: z.string() }),
      handle: () => ({ name: "n", passwordHash: "secret" }),
    });
    const response = await leaking(get(), none);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });
});

describe("a change", () => {
  it("is made for our own page", async () => {
    const { cookie } = await cookieOf("admin");
    expect((await addSource("own", { cookie })).status).toBe(201);
    expect(await stored("own")).toBe(1);
  });

  it.each([
    ["another site", { origin: "http://evil.example" }, "request/foreign-origin"],
    ["another port of this machine", { origin: "http://127.0.0.1:4000" }, "request/foreign-origin"],
    ["nobody knows where", { origin: undefined }, "request/foreign-origin"],
    ["an opaque origin", { origin: "null" }, "request/foreign-origin"],
    ["a sibling site", { "sec-fetch-site": "same-site" }, "request/foreign-origin"],
    ["a plain form", { "content-type": "text/plain" }, "request/unsupported-media-type"],
  ])("is not made for %s, even with a good cookie", async (who, headers, code) => {
    const { cookie } = await cookieOf("admin");
    expect(await codeOf(await addSource(who, { cookie, ...headers }))).toBe(code);
    expect(await stored(who)).toBe(0);
  });

  it("is refused to a role without the right, and the attempt is recorded", async () => {
    const { cookie } = await cookieOf("approver");
    expect(await codeOf(await addSource("forbidden", { cookie }))).toBe("auth/forbidden");
    expect(await stored("forbidden")).toBe(0);
    const attempts = and(
      eq(auditEntry.action, "source.create"),
      eq(auditEntry.problemCode, "auth/forbidden"),
    );
    expect(await world.db.select().from(auditEntry).where(attempts)).toMatchObject([{ outcome: "refused" }]);
  });

  it("is refused when its body is too large or no JSON", async () => {
    const { cookie } = await cookieOf("admin");
    const send = (body: string) =>
      post(
        new Request(`${ORIGIN}/api/v1/sources`, {
          method: "POST",
          headers: { cookie, origin: ORIGIN, "content-type": "application/json" },
          body,
        }),
        none,
      );
    expect(await codeOf(await send("x".repeat(300_000)))).toBe("request/too-large");
    expect(await codeOf(await send("{"))).toBe("request/malformed");
  });
});

describe("the chosen trust domain", () => {
  const scoped = () =>
    route({
      permission: "fleet:read",
      operation: "test.scoped",
      summary: "Scoped",
      schemas: {},
      output: null,
      handle: async ({ actor, db }) =>
        Response.json({
          domains: actor.trustDomainIds,
          visible: (await db.select({ id: trustDomain.id }).from(trustDomain)).map(({ id }) => id),
        }),
    });
  const ask = async (cookie: string, query: string) =>
    scoped()(new Request(`${ORIGIN}/api/v1/x${query}`, { headers: { cookie } }), none);

  it("narrows what is read, in the query and in the database", async () => {
    const { cookie } = await cookieOf("viewer");
    expect(await (await ask(cookie, "")).json()).toMatchObject({ domains: [world.home, world.away] });
    expect(await (await ask(cookie, `?scope=${world.away}`)).json()).toEqual({
      domains: [world.away],
      visible: [world.away],
    });
  });

  it("shows nothing that is not seen without it", async () => {
    const { cookie } = await cookieOf("viewer", { domain: world.away });
    for (const query of [`?scope=${world.home}`, "?scope=x", `?scope=${world.away}&scope=${world.home}`]) {
      expect(await codeOf(await ask(cookie, query))).toBe("domain/not-found");
    }
  });
});

describe("a read by someone with several grants", () => {
  it("is forbidden where the thing is seen without the right, and missing where it is not", async () => {
    const reading = route({
      permission: "evidence:read",
      operation: "test.reading",
      summary: "Reading",
      schemas: { query: z.strictObject({ in: z.uuid() }) },
      output: null,
      handle: (ctx, { query }) => {
        if (!readScope(ctx, "evidence:read").includes(query.in))
          throw new ProblemError("evidence/not-found", "No such evidence.");
        return Response.json({});
      },
    });
    const { cookie, userId } = await cookieOf("viewer");
    const admin = { ...world.as("admin", [world.home, world.away]), now: () => new Date() };
    await grantRole(admin, { userId, trustDomainId: world.away, role: "auditor" });
    // The role changed, and with it the sessions ended.
    const again = await cookieAgain(userId);
    expect(await codeOf(await reading(get({ cookie }), none))).toBe("auth/required");
    const ask = (id: string) =>
      reading(new Request(`${ORIGIN}/api/v1/x?in=${id}`, { headers: { cookie: again } }), none);
    expect((await ask(world.away)).status).toBe(200);
    expect(await codeOf(await ask(world.home))).toBe("auth/forbidden");
    expect(await codeOf(await ask(uuidv7(new Date())))).toBe("evidence/not-found");
  });
});

describe("what can do great harm", () => {
  it("wants a proof of the last five minutes, and tells so", async () => {
    const dangerous = route({
      permission: "account:own",
      stepUp: true,
      operation: "test.dangerous",
      summary: "Dangerous",
      schemas: {},
      output: null,
      handle: () => Response.json({}),
    });
    const { cookie, userId } = await cookieOf("admin");
    const send = () =>
      dangerous(
        new Request(`${ORIGIN}/api/v1/x`, {
          method: "POST",
          headers: { cookie, origin: ORIGIN, "content-type": "application/json" },
        }),
        none,
      );
    expect((await send()).status).toBe(200);
    await pool.query("UPDATE session SET authenticated_at = now() - interval '301 s' WHERE user_id = $1", [
      userId,
    ]);
    expect(await codeOf(await send())).toBe("auth/step-up-required");
  });
});

describe("a caller who asks too often", () => {
  it("is told how much is left, and when to come again", async () => {
    const { cookie } = await cookieOf("viewer");
    const first = await probe()(get({ cookie }), none);
    expect(first.headers.get("ratelimit")).toMatch(/^"default";r=1199;t=\d+$/);
    const answers = await Promise.all(Array.from({ length: 1_200 }, () => probe()(get({ cookie }), none)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("retry-after")).toMatch(/^\d+$/);
    const { cookie: other } = await cookieOf("viewer");
    expect((await probe()(get({ cookie: other }), none)).status).not.toBe(429);
  });
});
