/** The product's public HTTP API, used as a script or a browser would use it. */
import { randomUUID } from "node:crypto";
import { paths } from "#lib/client/paths";
import type { NodeListPage, Role } from "./views.ts";

const SESSION_COOKIE = "touchstone.session";
const PASSWORD = "four-plain-words-here";

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** An answer with its body read; `json` gives the body at the caller's word. */
export type Answer = { status: number; headers: Headers; text: string; json: <T>() => T };

async function exchange(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
}

/** Someone who may sign in. */
export type Account = { email: string; password: string };

/** A signed-in person, as the cookie that says so. */
export class Session {
  readonly baseURL: string;
  readonly cookie: string;
  readonly #password: string;

  constructor(baseURL: string, cookie: string, password: string) {
    this.baseURL = baseURL;
    this.cookie = cookie;
    this.#password = password;
  }

  /** Prove once more who is there; what can do great harm wants that every five minutes. */
  prove(): Promise<Answer> {
    return this.#change(paths.api.accountStepUp(), { password: this.#password }, {}, "POST");
  }

  /** The cookie in the form that a browser context takes. */
  get browserCookie() {
    return { name: SESSION_COOKIE, value: this.cookie, url: this.baseURL };
  }

  get(path: string): Promise<Answer> {
    return exchange(this.baseURL + path, { headers: { cookie: `${SESSION_COOKIE}=${this.cookie}` } });
  }

  /** A change with everything that a page of ours sends along; `headers` replaces parts of it. */
  async send(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    method: "POST" | "PATCH" | "PUT" = "POST",
  ): Promise<Answer> {
    const answer = await this.#change(path, body, headers, method);
    if (answer.status !== 403 || answer.json<{ code: string }>().code !== "auth/step-up-required")
      return answer;
    await this.prove();
    return this.#change(path, body, headers, method);
  }

  #change(path: string, body: unknown, headers: Record<string, string>, method: string): Promise<Answer> {
    return exchange(this.baseURL + path, {
      method,
      headers: {
        cookie: `${SESSION_COOKIE}=${this.cookie}`,
        origin: this.baseURL,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
  }
}

/** Sign in as the form does; `null` when refused. */
export async function openSession(baseURL: string, { email, password }: Account): Promise<Session | null> {
  const csrf = await exchange(`${baseURL}/api/auth/csrf`, {});
  const { csrfToken } = csrf.json<{ csrfToken: string }>();
  const cookies = csrf.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  const answer = await exchange(`${baseURL}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookies.join("; ") },
    body: new URLSearchParams({ csrfToken, email, password, json: "true" }),
  });
  const set = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
  const value = set?.split(";")[0]?.slice(SESSION_COOKIE.length + 1);
  return value ? new Session(baseURL, value, password) : null;
}

/** A source with a key that may send for it. */
export type Sender = { sourceId: string; name: string; secret: string };

export type SourceOptions = {
  name?: string;
  jwks?: { keys: Record<string, unknown>[] };
  staleAfterMs?: number;
};

/** One running installation and what tests need in it. Sessions of each role are opened once. */
export class Product {
  readonly baseURL: string;
  readonly #sessions = new Map<Role, Promise<Session>>();

  constructor(baseURL: string) {
    this.baseURL = baseURL;
  }

  /** A signed-in person of a role. The administrator is the one of the first start. */
  session(role: Role): Promise<Session> {
    const open = this.#sessions.get(role) ?? this.#open(role);
    this.#sessions.set(role, open);
    return open;
  }

  async #open(role: Role): Promise<Session> {
    const account =
      role === "admin"
        ? {
            email: process.env.TOUCHSTONE_ADMIN_EMAIL ?? "",
            password: process.env.TOUCHSTONE_ADMIN_PASSWORD ?? "",
          }
        : await this.createUser(role);
    const session = await openSession(this.baseURL, account);
    if (!session) throw new Error(`${account.email} could not sign in`);
    return session;
  }

  /** A person whose one-time password is still in use. */
  async inviteUser(role: Role): Promise<Account> {
    const email = `${unique(role)}@example.test`;
    const answer = await this.#admin("/api/v1/users", { email, role });
    return { email, password: answer.json<{ oneTimePassword: string | null }>().oneTimePassword ?? "" };
  }

  /** A person with a password of their own. */
  async createUser(role: Role): Promise<Account> {
    const invited = await this.inviteUser(role);
    const session = await openSession(this.baseURL, invited);
    await expectOk(
      session?.send(paths.api.accountPassword(), {
        currentPassword: invited.password,
        newPassword: PASSWORD,
      }),
    );
    return { email: invited.email, password: PASSWORD };
  }

  async createSource(kind: string, { name = unique(kind), ...options }: SourceOptions = {}): Promise<Sender> {
    const source = (await this.#admin(paths.api.sources(), { kind, name, ...options })).json<{
      id: string;
    }>();
    return { sourceId: source.id, name, secret: await this.createKey(source.id) };
  }

  async createKey(
    sourceId: string,
    scopes: readonly string[] = ["ingest:write", "ingest:backfill"],
  ): Promise<string> {
    const answer = await this.#admin(paths.api.sourceApiKeys(sourceId), { scopes });
    return answer.json<{ secret: string }>().secret;
  }

  /** Send a source's native message. */
  deliver(
    { sourceId, secret }: Pick<Sender, "sourceId" | "secret">,
    body: string | Uint8Array,
    mediaType: string,
    { backfill = false } = {},
  ): Promise<Answer> {
    return exchange(`${this.baseURL}${paths.api.deliver(sourceId)}${backfill ? "?backfill=true" : ""}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": mediaType },
      body: body as BodyInit,
    });
  }

  /** Send one CloudEvent with its data as the body. */
  postEvent(
    { secret }: Pick<Sender, "secret">,
    {
      subject,
      mediaType,
      data,
      backfill = false,
    }: { subject: string; mediaType: string; data: string; backfill?: boolean },
  ): Promise<Answer> {
    return exchange(`${this.baseURL}${paths.api.events()}${backfill ? "?backfill=true" : ""}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${secret}`,
        "content-type": mediaType,
        "ce-specversion": "1.0",
        "ce-id": randomUUID(),
        "ce-source": "urn:test:relying-party",
        "ce-type": "dev.touchstone.attestation.verdict.v1",
        "ce-subject": encodeURIComponent(subject),
      },
      body: data,
    });
  }

  /** Send canonical documents as one CloudEvents batch; all of them must be taken. */
  async postDocuments(
    { secret }: Pick<Sender, "secret">,
    documents: readonly ({ schema: string } & Record<string, unknown>)[],
  ): Promise<void> {
    const events = documents.map((data) => ({
      specversion: "1.0",
      id: randomUUID(),
      source: "urn:test:sender",
      type:
        data.schema === "touchstone.bootstrap/1"
          ? "dev.touchstone.bootstrap.event.v1"
          : "dev.touchstone.attestation.verdict.v1",
      datacontenttype: "application/json",
      data,
    }));
    const answer = await exchange(this.baseURL + paths.api.events(), {
      method: "POST",
      headers: {
        authorization: `Bearer ${secret}`,
        "content-type": "application/cloudevents-batch+json",
      },
      body: JSON.stringify(events),
    });
    const { accepted } = answer.status === 202 ? answer.json<{ accepted: number }>() : { accepted: 0 };
    if (accepted !== documents.length)
      throw new Error(`accepted ${accepted} of ${documents.length}: ${answer.text}`);
  }

  /** The one node that a query finds. */
  async nodeId(q: string): Promise<string> {
    const answer = await (await this.session("admin")).get(paths.api.nodes({ q }));
    const { items } = answer.json<NodeListPage>();
    const [only] = items;
    if (!only || items.length !== 1) throw new Error(`${q} finds ${items.length} nodes`);
    return only.id;
  }

  /** An answer of the API to the administrator. */
  async read<T>(path: string): Promise<T> {
    return (await expectOk((await this.session("admin")).get(path))).json<T>();
  }

  async #admin(path: string, body: unknown): Promise<Answer> {
    return expectOk((await this.session("admin")).send(path, body));
  }
}

async function expectOk(asked: Promise<Answer> | undefined): Promise<Answer> {
  const answer = await asked;
  if (!answer || answer.status >= 400)
    throw new Error(`${answer?.status ?? "no session"}: ${answer?.text ?? ""}`);
  return answer;
}
