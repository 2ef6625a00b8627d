/** What operators and intruders meet: health, metrics, the API's description, headers, and closed doors. */
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, test } from "./fixtures.ts";
import { startInstallation } from "./installation.ts";
import { STATUSES } from "./views.ts";

/** Send bytes as they are, and read the answer to its end. */
function rawRequest(baseURL: string, text: string): Promise<string> {
  const { hostname, port } = new URL(baseURL);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

test("health answers without a session and tells nothing but health", async ({ request }) => {
  const live = await request.get("/api/health/live");
  expect(live.status()).toBe(200);
  const ready = await request.get("/api/health/ready");
  expect(ready.status()).toBe(200);
  expect(await ready.json()).toEqual({ status: "ok", checks: { database: "ok", migrations: "ok" } });
  expect(ready.headers()["cache-control"]).toContain("no-store");
});

test("metrics have the exposition's content type, the promised names, and name nobody", async ({
  request,
  product,
}) => {
  const source = await product.createSource("generic", { name: unique("secret-source") });
  const answer = await request.get("/metrics");
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8$/);
  const text = await answer.text();
  for (const name of [
    "touchstone_build_info",
    "touchstone_nodes",
    "touchstone_verdicts_total",
    "touchstone_ingest_events_total",
    "touchstone_ingest_duration_seconds",
    "touchstone_signature_failures_total",
  ]) {
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, "m"));
    expect(text).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`, "m"));
  }
  for (const status of STATUSES) expect(text).toContain(`touchstone_nodes{status="${status}"}`);
  expect(text).not.toContain(source.name);
  expect(text).not.toContain("@");
});

type Operation = { operationId?: string; responses?: Record<string, unknown>; security?: unknown[] };
type OpenApi = { openapi: string; info: object; paths: Record<string, Record<string, Operation>> };

/** Methods of every route file below `app/api/v1`, by path. */
async function routesOnDisk(): Promise<Map<string, string[]>> {
  const root = join(process.cwd(), "app", "api", "v1");
  const files = await readdir(root, { recursive: true });
  const routes = new Map<string, string[]>();
  for (const file of files.filter((name) => name.endsWith("route.ts"))) {
    const source = await readFile(join(root, file), "utf8");
    const path = `/api/v1/${file.replace(/\/route\.ts$/, "")}`.replace(/\[(\w+)\]/g, "{$1}");
    const methods = source.match(/\b(GET|POST|PUT|PATCH|DELETE)\b(?= *[=,}])/g) ?? [];
    routes.set(path, [...new Set(methods)]);
  }
  return routes;
}

test("the API's description is OpenAPI 3.1 and lists every route with its answers", async ({ request }) => {
  const answer = await request.get("/api/openapi.json");
  expect(answer.headers()["content-type"]).toBe("application/json");
  const document = (await answer.json()) as OpenApi;
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({
    title: "Touchstone",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });

  const routes = await routesOnDisk();
  expect(routes.size).toBeGreaterThan(15);
  for (const [path, methods] of routes) {
    expect(Object.keys(document.paths), path).toContain(path);
    expect(methods.length, path).toBeGreaterThan(0);
    for (const method of methods) {
      expect(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
    }
  }
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operationId, responses, security } of operations) {
    expect(Object.keys(responses ?? {}), operationId).not.toHaveLength(0);
    expect(security, operationId).toBeDefined();
  }
});

test("browsers are told to insist on TLS where people use TLS, and only there", async ({ request }) => {
  expect((await request.get("/api/health/live")).headers()["strict-transport-security"]).toBeUndefined();
  const installation = await startInstallation(async () => ({
    TOUCHSTONE_URL: "https://touchstone.example",
  }));
  try {
    const status = async () =>
      (await fetch(`${installation.baseURL}/api/health/ready`).catch(() => null))?.status;
    await expect.poll(status, { timeout: 60_000 }).toBe(200);
    for (const path of ["/api/health/live", "/api/v1/nodes", "/icon.svg"]) {
      const { headers } = await fetch(installation.baseURL + path);
      expect(headers.get("strict-transport-security"), path).toBe("max-age=31536000");
    }
  } finally {
    await installation.stop();
  }
});

test("pages carry exactly the promised security headers, with a nonce of their own each time", async ({
  page,
  request,
}) => {
  const nonces = new Set<string>();
  for (let load = 0; load < 2; load += 1) {
    const headers = (await request.get(paths.signIn())).headers();
    const policy = headers["content-security-policy"] ?? "";
    const nonce = /script-src 'self' 'nonce-([A-Za-z0-9+/=]{24})'/.exec(policy)?.[1] ?? "";
    nonces.add(nonce);
    expect(policy.replaceAll(nonce, "N").split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self' 'nonce-N' 'strict-dynamic'",
      "style-src 'self' 'nonce-N' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-StEaX+se6YS7pqjzrzMIA0KaX9zF/8zAhvQXZAe5epY='",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "strict-origin-when-cross-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "cache-control": expect.stringContaining("no-store"),
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  }
  expect(nonces.size).toBe(2);
  await page.goto(paths.signIn());
  const unsigned = await page.evaluate(
    () => [...document.querySelectorAll("script")].filter(({ nonce }) => nonce === "").length,
  );
  expect(unsigned, "scripts without a nonce").toBe(0);
});

test("a request that names another server is refused before anything looks at it", async ({ product }) => {
  const { host } = new URL(product.baseURL);
  const end = "Connection: close\r\n\r\n";
  for (const text of [
    `GET / HTTP/1.1\r\nHost: evil.example\r\n${end}`,
    `GET / HTTP/1.1\r\nHost: ${host}.evil.example\r\n${end}`,
    `GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n${end}`,
    `GET http://evil.example/ HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `GET / HTTP/1.0\r\n${end}`,
    `POST /api/v1/events HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n${end}`,
  ]) {
    const answer = await rawRequest(product.baseURL, text);
    expect(answer, text).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).toContain("application/problem+json");
    expect(answer).toContain('"code":"request/misdirected"');
  }
  const doubled = `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n${end}`;
  expect(await rawRequest(product.baseURL, doubled)).toMatch(/^HTTP\/1\.1 4(00|21) /);
  const good = `GET /api/health/live HTTP/1.1\r\nHost: ${host}\r\n${end}`;
  expect(await rawRequest(product.baseURL, good)).toMatch(/^HTTP\/1\.1 200 /);
  const forwarded = `GET /nodes HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\n${end}`;
  expect(await rawRequest(product.baseURL, forwarded)).not.toContain("evil.example");
});

test("a change is taken from our own pages only", async ({ product }) => {
  const admin = await product.session("admin");
  const body = () => ({ kind: "generic", name: unique("origin") });
  const cookie = `touchstone.session=${admin.cookie}`;
  const bare = (headers: Record<string, string>) =>
    fetch(product.baseURL + paths.api.sources(), {
      method: "POST",
      headers: { cookie, ...headers },
      body: JSON.stringify(body()),
    });
  const json = { "content-type": "application/json" };
  for (const headers of [
    { ...json },
    { ...json, origin: "https://evil.example" },
    { ...json, origin: "null" },
    { ...json, origin: `${product.baseURL}.evil.example` },
    { ...json, origin: product.baseURL, "sec-fetch-site": "cross-site" },
    { ...json, origin: product.baseURL, "sec-fetch-site": "same-site" },
  ]) {
    const answer = await bare(headers);
    expect(answer.status, JSON.stringify(headers)).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "request/foreign-origin" });
  }
  const form = await bare({ origin: product.baseURL, "content-type": "text/plain" });
  expect(form.status).toBe(415);
  expect((await admin.send(paths.api.sources(), body())).status).toBe(201);
});

test("pages take no actions: a post to one is refused, with or without a session", async ({ product }) => {
  const admin = await product.session("admin");
  for (const cookie of ["", `touchstone.session=${admin.cookie}`]) {
    for (const path of [paths.signIn(), paths.overview(), paths.nodes()]) {
      const answer = await fetch(product.baseURL + path, {
        method: "POST",
        redirect: "manual",
        headers: {
          "next-action": "00".repeat(21),
          "content-type": "text/plain",
          origin: product.baseURL,
          cookie,
        },
        body: "[]",
      });
      const where = `${path} ${cookie === "" ? "signed out" : "signed in"}`;
      if (cookie === "" && path !== paths.signIn()) {
        expect(answer.status, where).toBe(307);
        expect(answer.headers.get("location"), where).toContain(paths.signIn());
      } else {
        expect(answer.status, where).toBeGreaterThanOrEqual(400);
        expect(answer.status, where).toBeLessThan(500);
      }
    }
  }
});

test("what no route answers is a problem document, whatever the method", async ({ request }) => {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    const answer = await request.fetch("/api/v1/no-such-thing", { method });
    expect(answer.status(), method).toBe(404);
    expect(answer.headers()["content-type"]).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ code: "route/not-found" });
  }
});
