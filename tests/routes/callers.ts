/** Callers of the HTTP API in this process: people with a session, requests as our own pages make them. */
import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { appUser, roleGrant } from "#db/schema/people";
import type { Role } from "#lib/domain/access";
import type { RouteHandler } from "#lib/server/http/route";
import { hashPassword } from "#lib/services/user/password";
import { openSession } from "#lib/services/user/sign-in";
import { uuidv7 } from "#lib/services/uuidv7";
import { sessionCookieValue } from "../../lib/server/auth-testing.ts";

const SECRET = "a secret of thirty-two characters or more";
export const PORT = "3999";
/** Of workload tokens; nobody asks it. */
export const ISSUER = "https://issuer.example";
export const ORIGIN = `http://127.0.0.1:${PORT}`;

/** What the composition root reads, for a process that calls the routes by itself. */
export const routeEnvironment = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  NEXTAUTH_SECRET: SECRET,
  TOUCHSTONE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
  TOUCHSTONE_WORKLOAD_ISSUERS: ISSUER,
  PORT,
  LOG_LEVEL: "silent",
});

/** Of the person whose own account the steps change. */
export const PASSWORD = "four plain words here";

let nobodys: Promise<string> | null = null;
/** Computed once: it is meant to be slow. */
const nobodysHash = (): Promise<string> => {
  nobodys ??= hashPassword(randomUUID());
  return nobodys;
};

export type Caller = { userId: string; email: string; headers: Readonly<Record<string, string>> };

/** A person who holds one role in one domain, with a fresh session. Without a password nobody knows theirs. */
export async function callerIn(
  db: Db,
  trustDomainId: string,
  role: Role,
  password?: string,
): Promise<Caller> {
  const passwordHash = password ? await hashPassword(password) : await nobodysHash();
  const now = new Date();
  const id = uuidv7(now);
  const email = `${role}-${id.slice(-8)}@example.test`;
  const account = { passwordHash, mustChangePassword: false, failedSignIns: 0 };
  await db.insert(appUser).values({ id, email, ...account, createdAt: now });
  await db.insert(roleGrant).values({ userId: id, trustDomainId, role, createdAt: now });
  const sid = await db.transaction((tx) => openSession(tx, id, { now, address: null, userAgent: null }, now));
  const cookie = `touchstone.session=${await sessionCookieValue(sid, SECRET)}`;
  return { userId: id, email, headers: { cookie } };
}

/** Another session of the same person, which can be ended. */
export async function openSecondSession(db: Db, userId: string): Promise<void> {
  const now = new Date(Date.now() + 1);
  await db.transaction((tx) => openSession(tx, userId, { now, address: null, userAgent: null }, now));
}

/** Sessions are proved anew, whatever the clock of the machine did meanwhile. */
export async function refresh(pool: Pool): Promise<void> {
  await pool.query("UPDATE session SET authenticated_at = now(), last_seen_at = now()");
}

export type Ask = {
  /** `METHOD /path/with/[parameters]`, as the access matrix writes it. */
  route: string;
  params?: Readonly<Record<string, string | string[]>>;
  query?: string;
  body?: unknown;
};

/** Call a handler with everything that a page of ours sends along; `headers` adds to it or replaces. */
export async function ask(
  handler: Partial<RouteHandler>,
  { route, params = {}, query = "", body }: Ask,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; code: string | undefined; text: string; headers: Headers }> {
  const [method = "", path = ""] = route.split(" ");
  const address = path.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name) => [params[name] ?? "x"].flat().join("/"));
  const mutates = method !== "GET";
  const request = new Request(`${ORIGIN}${address}${query}`, {
    method,
    headers: {
      ...(mutates
        ? { origin: ORIGIN, "sec-fetch-site": "same-origin", "content-type": "application/json" }
        : {}),
      ...headers,
    },
    ...(mutates && body !== undefined ? { body: JSON.stringify(body) } : {}),
  });
  const response = await (handler as RouteHandler)(request, { params: Promise.resolve(params) });
  const text = await textOf(response);
  let code: string | undefined;
  if (response.headers.get("content-type")?.startsWith("application/problem+json"))
    code = (JSON.parse(text) as { code: string }).code;
  return { status: response.status, code, text, headers: response.headers };
}

/** The body; of a stream without an end, its first part. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response.text();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value);
}

/** A row without the count of wrong guesses, which stays whatever becomes of a request: it is a guard, no change. */
const SAID = "(to_jsonb(t) - ARRAY['failed_sign_ins', 'locked_until'])::text AS said";

/** Every row of every table that belongs to a domain, but the audit's own. */
export async function stateOf(pool: Pool, trustDomainId: string | null): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string; tenant: boolean }>(
    `SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid
         AND a.attname = 'trust_domain_id' AND NOT a.attisdropped) AS tenant
       FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
         AND c.relname NOT LIKE 'audit%' AND c.relname NOT IN ('elsewhere', 'session') ORDER BY 1`,
  );
  const parts: string[] = [];
  for (const { name, tenant } of tables) {
    if (trustDomainId !== null && !tenant) continue;
    const where = trustDomainId === null ? "" : "WHERE t.trust_domain_id = $1";
    const { rows } = await pool.query(
      `SELECT count(*) AS n, md5(string_agg(t.said, ',' ORDER BY t.said)) AS digest FROM (SELECT ${SAID} FROM "${name}" t ${where}) t`,
      trustDomainId === null ? [] : [trustDomainId],
    );
    parts.push(`${name} ${rows[0].n} ${rows[0].digest}`);
  }
  return parts.join("\n");
}
