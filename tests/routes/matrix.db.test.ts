/** Every route × every role × another domain × signed out × an API key, each called for real. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ROLES } from "#lib/domain/access";
import { createApiKey } from "#lib/services/source/create-api-key";
import { useDatabase } from "#tests/pg";
import { type FoundRoute, findRoutes } from "../../scripts/routes.ts";
import { ask, type Caller, callerIn, ORIGIN, refresh, routeEnvironment, stateOf } from "./callers.ts";
import { INGEST, type Kept, READING, STEPS } from "./steps.ts";
import { MARK, makeRouteWorld, type RouteWorld } from "./world.ts";

const GOLDEN = join(import.meta.dirname, "..", "architecture", "access-matrix.golden.txt");
/** Width of the column with the routes; what is longer is cut off there. */
const COLUMN = 80;
const NOBODY = "01a20000-0000-7000-8000-000000000000";
/** Belongs to the sign-in library; `e2e/access.spec.ts` signs in with it. */
const FOREIGN_PATH = "/api/auth/[...nextauth]";

/** What the checked-in matrix says, read on its own: it is what people reviewed. */
type Row = { route: string; permission: string; roles: ReadonlySet<string>; fresh: boolean };

function goldenRows(): Row[] {
  const columns = [...ROLES, "api_key", "service", "review"];
  return readFileSync(GOLDEN, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [permission = "", ...cells] = line.slice(COLUMN).trim().split(/\s+/);
      const roles = new Set(columns.filter((_, index) => cells[index] === "yes"));
      return { route: line.slice(0, COLUMN).trim(), permission, roles, fresh: cells.at(-1) === "fresh" };
    });
}

const ROWS = goldenRows();
const GUARDED = ROWS.filter(({ permission }) => permission !== "public" && permission !== "ingest");
const mutates = ({ route }: Row) => !route.startsWith("GET ");

const { pool, url } = useDatabase();
const handlers = new Map<string, FoundRoute["handler"]>();
let world: RouteWorld;

beforeAll(async () => {
  for (const [name, value] of Object.entries(routeEnvironment(url))) vi.stubEnv(name, value);
  world = await makeRouteWorld(pool);
  for (const { method, path, handler } of await findRoutes()) handlers.set(`${method} ${path}`, handler);
}, 120_000);
afterAll(async () => {
  const { closeDatabases } = await import("#lib/server/runtime");
  await closeDatabases();
});

const handlerOf = (route: string) => {
  const handler = handlers.get(route);
  if (!handler) throw new Error(`no route ${route}`);
  return handler;
};

/** Parameters that name what is there; those that nothing is known of name nothing. */
function realParams(route: string): Record<string, string | string[]> {
  const { nodeId, groupId, incidentId, alarmId, eventId, lab, home, baselineId, admin } = world;
  const known: Record<string, string> = { nodeId, groupId, incidentId, alarmId, eventId, baselineId };
  return {
    ...nothingParams(route),
    ...known,
    sourceId: lab,
    trustDomainId: home,
    userId: admin.userId,
    version: "1",
    name: "default",
  };
}

function nothingParams(route: string): Record<string, string | string[]> {
  const names = [...route.matchAll(/\[(\.\.\.)?(\w+)\]/g)];
  return Object.fromEntries(names.map(([, rest, name]) => [name, rest ? [NOBODY] : NOBODY]));
}

describe("the table of routes", () => {
  it("has a row for each route of the application, and none for another", () => {
    const routes = [...handlers.keys()].filter((route) => !route.endsWith(FOREIGN_PATH)).sort();
    expect(ROWS.map(({ route }) => route).sort()).toEqual(
      // The golden file cuts nothing off but what is too long for its column.
      routes.map((route) => route.slice(0, COLUMN)).sort(),
    );
  });

  it("has a step for each route that changes something, and none for another", () => {
    const stepped = [...STEPS.map(({ route }) => route), ...Object.keys(READING), ...INGEST];
    const changing = ROWS.filter((row) => mutates(row) && !row.route.endsWith("/api/[...path]"));
    expect([...new Set(stepped)].sort()).toEqual(changing.map(({ route }) => route).sort());
  });
});

/** Hundreds of requests each, on a machine that may be busy. */
const timeout = 180_000;

describe("each route", { timeout }, () => {
  it("answers who is not signed in with 401, and tells nothing", async () => {
    for (const row of GUARDED) {
      const route = routeOf(row);
      for (const headers of [{}, { cookie: "touchstone.session=x" }, { authorization: "Bearer ts_no" }]) {
        const answer = await ask(
          handlerOf(route),
          { route, params: realParams(route), body: {} },
          headers as Record<string, string>,
        );
        expect([answer.status, answer.code], `${route} ${Object.keys(headers)}`).toEqual([
          401,
          "auth/required",
        ]);
      }
    }
  });

  it.each(ROLES)("answers the role %s as the matrix says", async (role) => {
    const caller = await callerIn(world.db, world.home, role);
    for (const row of GUARDED) {
      const route = routeOf(row);
      if (row.roles.has(role)) await expectAllowed(row, caller);
      else {
        const answer = await ask(
          handlerOf(route),
          { route, params: realParams(route), body: {} },
          caller.headers,
        );
        expect([answer.status, answer.code], `${role} ${route}`).toEqual([403, "auth/forbidden"]);
        expect(answer.text.includes(MARK), `${role} ${route}`).toBe(false);
      }
    }
  });

  it("gives a key that may only send nothing but what its scope names", async () => {
    const { secret } = await createApiKey(
      { ...world.as("admin"), now: () => new Date() },
      { sourceId: world.lab, scopes: ["ingest:write"] },
    );
    for (const row of GUARDED) {
      const route = routeOf(row);
      const answer = await ask(
        handlerOf(route),
        { route, params: realParams(route), body: {} },
        { authorization: `Bearer ${secret}` },
      );
      expect([answer.status, answer.code], route).toEqual([403, "auth/forbidden"]);
    }
  });

  it.each(ROLES)("shows and changes nothing of another domain for the role %s", async (role) => {
    const stranger = await callerIn(world.db, world.away, role);
    const before = await stateOf(pool, world.home);
    for (const row of GUARDED) {
      const route = routeOf(row);
      const answer = await ask(
        handlerOf(route),
        { route, params: realParams(route), body: {} },
        stranger.headers,
      );
      expect(answer.text.includes(MARK), `${role} ${route}`).toBe(false);
      // The stranger's own audit entries repeat the ids that they asked for.
      const told = answer.status < 400 && !route.startsWith("GET /api/v1/audit");
      expect(told && answer.text.includes(world.nodeId), `${role} ${route}`).toBe(false);
      expect(answer.status, `${role} ${route}`).toBeLessThan(500);
    }
    expect(await stateOf(pool, world.home)).toBe(before);
  });

  it("wants a fresh proof where the matrix says so, and only there", async () => {
    const caller = await callerIn(world.db, world.home, "admin");
    await pool.query("UPDATE session SET authenticated_at = now() - interval '301 s' WHERE user_id = $1", [
      caller.userId,
    ]);
    for (const row of GUARDED.filter(mutates)) {
      const route = routeOf(row);
      const answer = await ask(
        handlerOf(route),
        { route, params: nothingParams(route), body: { nonsense: 1 } },
        caller.headers,
      );
      expect(answer.code === "auth/step-up-required", route).toBe(row.fresh);
    }
  });
});

/** Whoever may, gets past the door: what is asked for is not there, or is not well-formed. */
async function expectAllowed(row: Row, caller: Caller): Promise<void> {
  const route = routeOf(row);
  const ways = mutates(row) ? [nothingParams(route)] : [nothingParams(route), realParams(route)];
  for (const params of ways) {
    const answer = await ask(handlerOf(route), { route, params, body: { nonsense: 1 } }, caller.headers);
    expect([401, 403].includes(answer.status), `${route} ${answer.status} ${answer.code}`).toBe(false);
    expect(answer.status, route).toBeLessThan(500);
    expect(answer.headers.get("cache-control"), route).toMatch(/no-store/);
    expect(answer.headers.get("x-content-type-options"), route).toBe("nosniff");
    expect(answer.headers.get("ratelimit"), route).toMatch(/^"default";r=\d+;t=\d+$/);
  }
}

/** The golden file's column is as wide as it is; one route is longer. */
const routeOf = ({ route }: Row): string =>
  [...handlers.keys()].find((name) => name.slice(0, COLUMN) === route) ?? route;

const foreign = (headers: Record<string, string>) => ({ code: "request/foreign-origin", headers });

/** What another site can make a browser send. */
const FORGED: Readonly<Record<string, { code: string; headers: Record<string, string> }>> = {
  "no origin": foreign({ origin: "" }),
  "an opaque origin": foreign({ origin: "null" }),
  "a foreign origin": foreign({ origin: "https://evil.example" }),
  "a sibling": foreign({ origin: "http://sub.127.0.0.1:3999", "sec-fetch-site": "same-site" }),
  "another scheme": foreign({ origin: ORIGIN.replace("http:", "https:") }),
  "another port": foreign({ origin: ORIGIN.replace("3999", "3998") }),
  "a foreign fetch": foreign({ "sec-fetch-site": "cross-site" }),
  "a form": { code: "request/unsupported-media-type", headers: { "content-type": "text/plain" } },
};

describe("each change", { timeout }, () => {
  it("is refused when another site asks a signed-in browser for it, and when it is a form", async () => {
    const callers = await Promise.all(Object.keys(FORGED).map(() => callerIn(world.db, world.home, "admin")));
    const before = await stateOf(pool, null);
    // A person of their own for each form: so many changes are stopped by the rate limit else.
    for (const [index, [name, { code, headers }]] of Object.entries(FORGED).entries()) {
      for (const row of GUARDED.filter(mutates)) {
        const route = routeOf(row);
        if (route.startsWith("DELETE ") && "content-type" in headers) continue;
        const request = { route, params: realParams(route), body: {} };
        const answer = await ask(handlerOf(route), request, { ...callers[index]?.headers, ...headers });
        expect([name, route, answer.code]).toEqual([name, route, code]);
      }
    }
    expect(await stateOf(pool, null)).toBe(before);
  });

  it("can be made by who may, and by nobody of another domain before", async () => {
    const kept: Kept = {};
    const stranger = await callerIn(world.db, world.away, "admin");
    for (const step of STEPS) {
      await refresh(pool);
      const { by = ({ admin }: RouteWorld) => admin, refusedWith } = step;
      const request = { route: step.route, ...(await step.ask(kept, world)) };
      const before = await stateOf(pool, world.home);
      const theirs = await ask(handlerOf(step.route), request, stranger.headers);
      expect(theirs.text.includes(MARK), step.route).toBe(false);
      expect(theirs.status, `${step.route} ${theirs.text}`).toBeLessThan(500);
      expect(await stateOf(pool, world.home), `${step.route} ${theirs.status}`).toBe(before);
      const answer = await ask(handlerOf(step.route), request, by(world).headers);
      if (refusedWith) expect.soft(answer.code, step.route).toBe(refusedWith);
      else expect.soft(answer.status, `${step.route} ${answer.text}`).toBeLessThan(300);
      if (step.keep && answer.status < 300) Object.assign(kept, await step.keep(answer.text, world));
    }
  });
});
