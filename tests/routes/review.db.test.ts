/** What is left of the HTTP API to somebody who was let in to review one period: every route is called. */
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { roleGrant } from "#db/schema/people";
import { useDatabase } from "#tests/pg";
import { findRoutes } from "../../scripts/routes.ts";
import { ask, type Caller, callerIn, routeEnvironment } from "./callers.ts";
import { makeRouteWorld, type RouteWorld } from "./world.ts";

/** All that a review is for. */
const OPEN = [
  "GET /api/v1/compliance/frameworks",
  "GET /api/v1/compliance/frameworks/[frameworkId]/controls",
  "GET /api/v1/compliance/frameworks/[frameworkId]/controls/[controlId]",
  "GET /api/v1/compliance/frameworks/[frameworkId]/mappings",
  "GET /api/v1/compliance/measures",
  "GET /api/v1/compliance/measures/[measureId]",
  "GET /api/v1/reports",
  "GET /api/v1/reports/[reportId]",
  "GET /api/v1/reports/[reportId]/compare/[otherId]",
  "GET /api/v1/reports/[reportId]/files/[format]",
  "POST /api/v1/reports",
  "POST /api/v1/reports/[reportId]/cancel",
  "POST /api/v1/reports/check",
];
const NOBODY = "01a20000-0000-7000-8000-000000000000";
const DAY_MS = 86_400_000;
const NOW = Date.now();
const at = (days: number) => new Date(NOW - days * DAY_MS).toISOString();
/** What is asked about some time. */
const ASKED: Readonly<Record<string, { query?: string; body?: unknown }>> = {
  "GET /api/v1/compliance/frameworks/[frameworkId]/controls": { query: `?from=${at(20)}&to=${at(10)}` },
  "GET /api/v1/compliance/frameworks/[frameworkId]/controls/[controlId]": {
    query: `?from=${at(20)}&to=${at(10)}`,
  },
  "GET /api/v1/compliance/measures": { query: `?from=${at(20)}&to=${at(10)}` },
  "GET /api/v1/compliance/measures/[measureId]": { query: `?from=${at(20)}&to=${at(10)}` },
  "POST /api/v1/reports": {
    body: { title: "A review", framework: null, from: at(20), to: at(10) },
  },
};
const KNOWN: Readonly<Record<string, string>> = {
  ...{ frameworkId: "nist-800-53-r5", controlId: "SI-7", measureId: "M02", format: "json" },
  ...{ what: "nodes" },
};

const { pool, url } = useDatabase();
let world: RouteWorld;
let reviewer: Caller;
beforeAll(async () => {
  for (const [name, value] of Object.entries(routeEnvironment(url))) vi.stubEnv(name, value);
  world = await makeRouteWorld(pool);
  reviewer = await callerIn(world.db, world.home, "auditor");
  await world.db
    .update(roleGrant)
    .set({ reviewFrom: new Date(at(30)), reviewTo: new Date(at(5)) })
    .where(eq(roleGrant.userId, reviewer.userId));
}, 120_000);
afterAll(async () => {
  const { closeDatabases } = await import("#lib/server/runtime");
  await closeDatabases();
});

async function asked(
  route: string,
  handler: Parameters<typeof ask>[0],
  more: { query?: string; body?: unknown },
) {
  const names = [...route.matchAll(/\[(\.\.\.)?(\w+)\]/g)];
  const params = Object.fromEntries(
    names.map(([, rest, name = ""]) => [name, rest ? [NOBODY] : (KNOWN[name] ?? NOBODY)]),
  );
  return ask(handler, { route, params, body: {}, ...more }, reviewer.headers);
}

describe("a review", () => {
  it("opens the routes that keep to its period, one's own account, and no other", {
    timeout: 180_000,
  }, async () => {
    const open: string[] = [];
    for (const { method, path, handler } of await findRoutes()) {
      const route = `${method} ${path}`;
      const { spec } = handler;
      if (!spec || ["public", "ingest", "account:own"].includes(spec.permission)) continue;
      const answer = await asked(route, handler, ASKED[route] ?? {});
      expect(answer.status, `${route} ${answer.text}`).toBeLessThan(500);
      const refused = answer.code === "auth/forbidden" || answer.code === "auth/outside-review";
      // Nothing that is asked for is there, and what is not well-formed was not looked at: both are past the door.
      if (!refused) open.push(route);
    }
    expect(open.sort()).toEqual([...OPEN].sort());
  });

  it("refuses any period that reaches out of it", async () => {
    const out = { query: `?from=${at(40)}&to=${at(10)}` };
    for (const { method, path, handler } of await findRoutes()) {
      const route = `${method} ${path}`;
      const wanted = ASKED[route];
      if (!wanted) continue;
      const answer = wanted.query
        ? await asked(route, handler, out)
        : await asked(route, handler, { body: { ...(wanted.body as object), from: at(40) } });
      expect([route, answer.code]).toEqual([route, "auth/outside-review"]);
    }
  });
});
