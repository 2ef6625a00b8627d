/**
 * A7: authorisation holds without the proxy.
 *
 * The production build runs from a scratch copy in which the proxy is taken out of the build's manifests, which shows
 * by answers without a content security policy. Every page of the build is then asked for by nobody, in many spellings
 * of its path and with headers that once led past other proxies, and by each role of a domain that holds nothing. No
 * answer may hold a name of the fleet, or be 5xx.
 *
 * Planted bug: pages answer whoever asks as if the administrator did.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "#lib/client/paths";
import { openSession, Product, type Session, unique } from "../../e2e/api.ts";
import { ROLES, type Role } from "../../e2e/views.ts";
import { makeWorld, type World } from "../../e2e/world.ts";
import { startInstallation } from "./installation.ts";
import type { Proof } from "./proof.ts";
import { copyOfTree } from "./scratch.ts";

const NOBODY = "01a20000-0000-7000-8000-000000000000";
const PASSWORD = "four-plain-words-here";
const MAX_LINES = 5;
/** Every page gets all spellings in the full form, and so many in the short one. */
const SHORT_WAYS = 4;

type Way = { path: string; headers: Record<string, string> };

const HEADERS: readonly Record<string, string>[] = [
  {},
  { rsc: "1" },
  { rsc: "1", "next-router-prefetch": "1" },
  { rsc: "1", "next-router-segment-prefetch": "/_tree" },
  { rsc: "1", "next-router-state-tree": "%5B%22%22%2C%7B%7D%2Cnull%2Cnull%2Ctrue%5D" },
  { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
  { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" },
  { "x-nextjs-data": "1" },
  { "x-invoke-path": "/sign-in" },
  { "x-matched-path": "/sign-in" },
  { "x-original-url": "/sign-in" },
  { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  { "x-touchstone-path": "/sign-in", "x-nonce": "x" },
  { "x-touchstone-address": "127.0.0.1" },
  { purpose: "prefetch" },
];
const FORMS: readonly ((path: string) => string)[] = [
  (path) => `${path}.rsc`,
  (path) => `${path}.txt`,
  (path) => `${path}?_rsc=abc`,
  (path) => `${path}.segments/_tree.segment.rsc`,
  (path) => `/_next/data/build${path}.json`,
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `${path}.`,
  (path) => `${path}/.`,
  (path) => `${path}%20`,
  (path) => `${path}%00`,
  (path) => `${path};x=1`,
  (path) => path.toUpperCase(),
  (path) => path.replace("s", "%73"),
  (path) => `/${path.slice(1).replaceAll("/", "%2f")}`,
  (path) => path.replaceAll("/", "\\"),
  (path) => `/sign-in/..${path}`,
  (path) => `/api/..${path}`,
  (path) => `/%2e${path}`,
  (path) => `${path}?nodeId=x&nodeId=y`,
];

export const pagesGuardThemselves: Proof = async ({ short, planted, log }) => {
  const tree = await copyOfTree({ build: true });
  const pages = await pagesOf(tree);
  await removeProxy(tree);
  const installation = await startInstallation(tree);
  let [cases, failed] = [0, 0];
  const wrong = (line: string) => {
    failed += 1;
    if (failed <= MAX_LINES) log(line);
  };
  try {
    const product = new Product(installation.baseURL);
    const world = await makeWorld(product);
    const admin = await product.session("admin");
    const secrets = [world.node, world.source];
    const signIn = await fetch(installation.baseURL + paths.signIn());
    cases += 1;
    if (signIn.headers.has("content-security-policy")) wrong("the proxy still answers");
    cases += 1;
    const seen = await admin.get(paths.nodeTimeline(world.nodeId));
    if (!seen.text.includes(world.node)) wrong("the page shows nothing even to who may see it");
    for (const page of pages) {
      const path = addressOf(page, world);
      const all: Way[] = [
        ...HEADERS.map((headers) => ({ path, headers })),
        ...FORMS.map((form) => ({ path: form(path), headers: {} })),
      ];
      for (const way of short ? all.slice(0, SHORT_WAYS) : all) {
        cases += 1;
        const headers = planted
          ? { ...way.headers, cookie: `touchstone.session=${admin.cookie}` }
          : way.headers;
        const answer = await fetch(installation.baseURL + way.path, { headers, redirect: "manual" });
        const text = await answer.text();
        const told = [...secrets, "Sign out"].filter((secret) => text.includes(secret));
        const label = `nobody ${way.path} ${JSON.stringify(way.headers)}`;
        if (told.length > 0) wrong(`${label} is told ${told.join(", ")}`);
        if (answer.status >= 500) wrong(`${label} is answered ${answer.status}`);
      }
    }
    for (const role of short ? ROLES.slice(-1) : ROLES) {
      const stranger = await elsewhere(product, role);
      for (const page of pages) {
        cases += 1;
        const answer = await stranger.get(addressOf(page, world));
        const told = secrets.filter((secret) => answer.text.includes(secret));
        if (told.length > 0) wrong(`${role} of another domain at ${page} is told ${told.join(", ")}`);
        if (answer.status >= 500) wrong(`${role} of another domain at ${page} is answered ${answer.status}`);
      }
    }
    log(`${pages.length} pages, ${cases} requests`);
    return { cases, failed };
  } finally {
    await installation.stop();
    await rm(tree, { recursive: true, force: true });
  }
};

async function manifestOf<T>(tree: string, name: string): Promise<T> {
  return JSON.parse(await readFile(join(tree, ".next/server", name), "utf8")) as T;
}

async function pagesOf(tree: string): Promise<string[]> {
  const files = Object.keys(await manifestOf<Record<string, string>>(tree, "app-paths-manifest.json"));
  return files
    .filter((file) => file.endsWith("/page") && !file.startsWith("/_"))
    .map((file) => file.replace(/\/page$/, "").replace(/\/\([^)]+\)/g, "") || "/")
    .sort();
}

/** Take the proxy out of what the server reads, in both places where one may be named. */
async function removeProxy(tree: string): Promise<void> {
  const write = (name: string, content: unknown) =>
    writeFile(join(tree, ".next/server", name), JSON.stringify(content));
  const edge = await manifestOf<Record<string, unknown>>(tree, "middleware-manifest.json");
  await write("middleware-manifest.json", { ...edge, middleware: {}, sortedMiddleware: [] });
  const config = await manifestOf<{ functions: Record<string, unknown> }>(
    tree,
    "functions-config-manifest.json",
  );
  const functions = Object.fromEntries(
    Object.entries(config.functions).filter(([name]) => name !== "/_middleware"),
  );
  await write("functions-config-manifest.json", { ...config, functions });
}

const addressOf = (page: string, { nodeId, sourceId }: World) =>
  page
    .replace("[nodeId]", nodeId)
    .replace("[sourceId]", sourceId)
    .replace("[name]", "default")
    .replace(/\[(?:\.\.\.)?\w+\]/g, NOBODY);

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
  await first?.send(paths.api.accountPassword(), { currentPassword, newPassword: PASSWORD });
  const session = await openSession(product.baseURL, { email, password: PASSWORD });
  if (!session) throw new Error("no session");
  return session;
}
