/** Every page of the build × every role × another domain × signed out, also past the proxy. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request as rawRequest } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { openSession, type Product, type Session, unique } from "./api.ts";
import { expect, test } from "./fixtures.ts";
import { ROLES, type Role } from "./views.ts";
import { makeWorld, type World } from "./world.ts";

const MANIFESTS = join(import.meta.dirname, "..", ".next", "server");
const manifest = (name: string) =>
  JSON.parse(readFileSync(join(MANIFESTS, name), "utf8")) as Record<string, unknown>;

const ALL = ROLES;
const READERS: readonly Role[] = ["auditor", "analyst", "approver", "admin"];
const OVERSEERS: readonly Role[] = ["auditor", "admin"];
const PROPOSERS: readonly Role[] = ["analyst", "approver", "admin"];
const DECIDERS: readonly Role[] = ["approver", "admin"];

/**
 * What a page is about: `object` pages do not exist for who does not see the object. Without any role, the
 * page is asked for an object that nobody has.
 */
type Row = { roles: readonly Role[]; object?: true };

/** Each page of the build has a row; one that is missing, or left over, fails. */
const PAGES: Readonly<Record<string, Row>> = {
  "/": { roles: ALL },
  "/account": { roles: ALL },
  "/audit": { roles: OVERSEERS },
  "/baselines": { roles: ALL },
  "/baselines/[baselineId]": { roles: [] },
  "/baselines/[baselineId]/[action]": { roles: [] },
  "/baselines/[baselineId]/activity": { roles: [] },
  "/baselines/[baselineId]/draft": { roles: [] },
  "/baselines/new": { roles: PROPOSERS },
  "/changes": { roles: READERS },
  "/changes/[requestId]": { roles: [] },
  "/changes/[requestId]/activity": { roles: [] },
  "/compliance": { roles: READERS },
  "/compliance/frameworks": { roles: READERS },
  "/compliance/frameworks/import": { roles: DECIDERS },
  "/compliance/measures": { roles: READERS },
  "/compliance/reports": { roles: READERS },
  "/compliance/reports/check": { roles: READERS },
  "/compliance/reports/[reportId]": { roles: [] },
  "/compliance/reports/schedules": { roles: READERS },
  "/drift": { roles: READERS },
  "/drift/exceptions": { roles: READERS },
  "/drift/maintenance": { roles: READERS },
  "/incidents": { roles: ALL },
  "/incidents/[incidentId]": { roles: [] },
  "/incidents/[incidentId]/activity": { roles: [] },
  "/my-work": { roles: READERS },
  "/nodes": { roles: ALL },
  "/nodes/[nodeId]": { roles: ALL, object: true },
  "/nodes/[nodeId]/activity": { roles: OVERSEERS, object: true },
  "/nodes/[nodeId]/bootstrap": { roles: ALL, object: true },
  "/nodes/[nodeId]/compare": { roles: READERS, object: true },
  "/nodes/[nodeId]/drift": { roles: READERS, object: true },
  "/nodes/[nodeId]/evidence": { roles: READERS, object: true },
  "/nodes/[nodeId]/timeline": { roles: ALL, object: true },
  "/notifications": { roles: READERS },
  "/onboarding": { roles: ALL },
  "/onboarding/credentials": { roles: ALL },
  "/onboarding/queue": { roles: ALL },
  "/policies": { roles: ALL },
  "/policies/[name]": { roles: ALL },
  "/policies/[name]/activity": { roles: OVERSEERS },
  "/policies/[name]/backtest": { roles: ALL },
  "/policies/[name]/edit": { roles: ALL },
  "/policies/[name]/exceptions": { roles: ALL },
  "/policies/[name]/impact": { roles: ALL },
  "/policies/[name]/test": { roles: ALL },
  "/policies/[name]/versions": { roles: ALL },
  "/settings/connectors": { roles: READERS },
  "/remediations": { roles: READERS },
  "/remediations/[requestId]": { roles: [] },
  "/remediations/[requestId]/activity": { roles: [] },
  "/remediations/drills": { roles: READERS },
  "/runbooks": { roles: ALL },
  "/runbooks/[runbookId]": { roles: ALL },
  "/settings/admission": { roles: ALL },
  "/settings/automatic": { roles: READERS },
  "/settings/drift": { roles: READERS },
  "/settings/limits": { roles: READERS },
  "/settings/notifications": { roles: READERS },
  "/settings/people": { roles: OVERSEERS },
  "/settings/service-accounts": { roles: OVERSEERS },
  "/settings/sessions": { roles: OVERSEERS },
  "/settings/siem": { roles: OVERSEERS },
  "/settings/signing-keys": { roles: OVERSEERS },
  "/settings/single-sign-on": { roles: OVERSEERS },
  "/settings/trust-domains": { roles: OVERSEERS },
  "/sources": { roles: ALL },
  "/sources/[sourceId]": { roles: ALL, object: true },
  "/sources/[sourceId]/activity": { roles: OVERSEERS, object: true },
  "/sources/[sourceId]/keys/[kid]/distrust": { roles: PROPOSERS, object: true },
  "/sources/[sourceId]/rejected": { roles: READERS, object: true },
  "/sources/unattributed": { roles: ALL },
};
/** Pages for anyone. */
const PUBLIC = ["/_global-error", "/_not-found", "/problems/[...code]", "/sign-in"];

const NOBODY = "01a20000-0000-7000-8000-000000000000";

const addressOf = (page: string, { nodeId, sourceId }: World) =>
  page
    .replace("[nodeId]", nodeId)
    .replace("[sourceId]", sourceId)
    .replace("[action]", "publish")
    // The built-in policy holds in every trust domain.
    .replace("[name]", "default")
    .replace(/\[(requestId|baselineId|incidentId|reportId)\]/, NOBODY)
    .replace("[kid]", "no-such-key")
    .replace("[runbookId]", "storm");

function pagesOfBuild(): string[] {
  const files = Object.keys(manifest("app-paths-manifest.json"));
  return files
    .filter((file) => file.endsWith("/page"))
    .map((file) => file.replace(/\/page$/, "").replace(/\/\([^)]+\)/g, "") || "/")
    .sort();
}

/** A person of a role in a domain that holds nothing. */
async function elsewhere(product: Product, role: Role): Promise<Session> {
  const admin = await product.session("admin");
  const list = await product.read<{ items: { id: string }[] }>(paths.api.trustDomains());
  const made = await admin.send(paths.api.trustDomains(), {
    parentId: list.items[0]?.id,
    name: unique("Elsewhere"),
  });
  const email = `${unique(role)}@example.test`;
  const trustDomainId = made.json<{ id: string }>().id;
  const invited = await admin.send(paths.api.users(), { email, role, trustDomainId });
  const currentPassword = invited.json<{ oneTimePassword: string }>().oneTimePassword;
  const first = await openSession(product.baseURL, { email, password: currentPassword });
  await first?.send(paths.api.accountPassword(), { currentPassword, newPassword: "four-plain-words-here" });
  const session = await openSession(product.baseURL, { email, password: "four-plain-words-here" });
  if (!session) throw new Error("no session");
  return session;
}

test("the build holds no server action, and every page has a row of the matrix", () => {
  const { node, edge } = manifest("server-reference-manifest.json");
  expect({ node, edge }).toEqual({ node: {}, edge: {} });
  expect(pagesOfBuild()).toEqual([...Object.keys(PAGES), ...PUBLIC].sort());
});

test("every page answers each role as the matrix says, and somebody of another domain as if it did not exist", async ({
  product,
}) => {
  test.slow();
  const world = await makeWorld(product);
  for (const role of ROLES) {
    const [here, there] = [await product.session(role), await elsewhere(product, role)];
    for (const [page, { roles, object }] of Object.entries(PAGES)) {
      const path = addressOf(page, world);
      const mine = await here.get(path);
      if (roles.length === 0) expect([403, 404], `${role} ${page}`).toContain(mine.status);
      else if (mine.status !== 307)
        expect(mine.status, `${role} ${page}`).toBe(roles.includes(role) ? 200 : 403);
      const theirs = await there.get(path);
      if (object) expect([403, 404, 307], `${role} elsewhere ${page}`).toContain(theirs.status);
      for (const secret of [world.node, world.source]) {
        expect(theirs.text.includes(secret), `${role} elsewhere ${page}: ${secret}`).toBe(false);
      }
    }
  }
});

/** Ways past a proxy that were found in other versions and products, and those that ours does not match. */
const HEADERS: readonly Record<string, string>[] = [
  {},
  { purpose: "prefetch" },
  { "next-router-prefetch": "1" },
  { rsc: "1" },
  { rsc: "1", "next-router-prefetch": "1" },
  { rsc: "1", "next-router-segment-prefetch": "/_tree" },
  { rsc: "1", "next-router-state-tree": "%5B%22%22%2C%7B%7D%5D" },
  { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
  { "x-middleware-subrequest": "src/proxy:src/proxy:src/proxy:src/proxy:src/proxy" },
  { "x-nextjs-data": "1" },
  { "x-invoke-path": "/sign-in" },
  { "x-forwarded-host": "evil.example" },
  { "x-original-url": "/sign-in" },
  { "x-rewrite-url": "/sign-in" },
  { "x-touchstone-path": "/sign-in" },
];
const FORMS: readonly ((path: string) => string)[] = [
  (path) => `${path}.rsc`,
  (path) => `${path}${path.includes("?") ? "&" : "?"}_rsc=abc`,
  (path) => `/_next/data/build${path}.json`,
  (path) => `/${path}`,
  (path) => `${path}/.`,
  (path) => `${path};x=1`,
  (path) => `/sign-in/..${path}`,
  (path) => `/api/..${path}`,
  (path) => `/%2e${path}`,
];

test("signed out, no page tells anything, whichever way it is asked for", async ({ product }) => {
  test.slow();
  const world = await makeWorld(product);
  const client = await rawRequest.newContext();
  for (const page of Object.keys(PAGES)) {
    const path = addressOf(page, world);
    const ways = [
      ...HEADERS.map((headers) => ({ path, headers })),
      ...FORMS.map((form) => ({ path: form(path), headers: {} })),
    ];
    for (const way of ways) {
      const answer = await client.get(`${product.baseURL}${way.path}`, {
        headers: way.headers,
        maxRedirects: 0,
      });
      const text = await answer.text();
      const label = `${way.path} ${JSON.stringify(way.headers)}`;
      for (const secret of [world.node, world.source, "Sign out"]) {
        expect(text.includes(secret), `${label}: ${secret}`).toBe(false);
      }
      expect(answer.status(), label).toBeLessThan(500);
    }
  }
  await client.dispose();
});
