import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Permission } from "#lib/domain/access";
import { audienceOf, TOKEN_LIFE_MAX_S } from "#lib/domain/workload-token";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import type { ServiceContext } from "#lib/services/context";
import { createServiceAccount } from "#lib/services/service-account/create";
import { disableServiceAccount } from "#lib/services/service-account/set-disabled";
import { addWorkloadTrust, removeWorkloadTrust } from "#lib/services/service-account/trusts";
import { createUser } from "#lib/services/user/create";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, type World } from "#tests/world";
import type * as Workload from "./workload.ts";

const { pool, url } = useDatabase();
const SCOPES: Permission[] = ["fleet:read"];
let world: World;
let root: ServiceContext;
let workload: typeof Workload;
let askIssuer: Workload.AskIssuer;
let issuer: string;
let server: Server;
/** What the issuer has published, and how often it was asked for it. */
const published: { keys: JWK[]; asked: number; named: string | null; status: number } = {
  keys: [],
  asked: 0,
  named: null,
  status: 200,
};
type Pair = Awaited<ReturnType<typeof newKey>>;
let key: Pair;

async function newKey(kid: string, alg = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, alg, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

beforeAll(async () => {
  for (const [name, value] of Object.entries({ DATABASE_URL: url, LOG_LEVEL: "silent" }))
    vi.stubEnv(name, value);
  workload = await import("./workload.ts");
  world = await makeWorld(pool);
  const admin = world.as("admin", [world.home, world.away]);
  const { user } = await createUser(admin, {
    email: "o@example.org",
    role: "admin",
    password: "correct horse battery",
  });
  root = { ...admin, actor: { ...admin.actor, id: user.id } };
  server = createServer((request, response) => {
    published.asked += 1;
    const discovery = request.url?.startsWith("/.well-known/");
    const body = discovery
      ? { issuer: published.named ?? issuer, jwks_uri: `${issuer}/keys` }
      : { keys: published.keys };
    if (request.url === "/redirected/.well-known/openid-configuration")
      response.writeHead(302, { location: "/.well-known/openid-configuration" }).end();
    else
      response.writeHead(published.status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { askIssuerWithin } = await import("./ask-issuer.ts");
  askIssuer = askIssuerWithin(opening(NOTHING_ALLOWED, issuer));
  key = await newKey("one");
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});
beforeEach(() => Object.assign(published, { keys: [key.jwk], asked: 0, named: null, status: 200 }));

let names = 0;
/** An account that trusts `sub` or claims of the issuer. */
async function trusting(subject: string | null, claims: Record<string, string> = {}) {
  names += 1;
  const body = { trustDomainId: world.home, name: `job ${names}`, role: "viewer" } as const;
  const { id } = await createServiceAccount(root, body);
  const trust = await addWorkloadTrust([issuer])(root, {
    serviceAccountId: id,
    issuer,
    subject,
    claims,
    scopes: SCOPES,
  });
  return { id, trustId: trust.id };
}
const seconds = Math.floor(NOW.getTime() / 1_000);
type Claims = Record<string, unknown>;
const claimsFor = (id: string, more: Claims = {}): Claims => ({
  iss: issuer,
  aud: audienceOf(id),
  sub: "job",
  iat: seconds,
  exp: seconds + 600,
  ...more,
});
const sign = (claims: Claims, { privateKey, kid, alg }: Pick<Pair, "privateKey" | "kid" | "alg"> = key) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
const issuers = () => workload.workloadIssuers([issuer], askIssuer);
const actorOf = (token: string, known = issuers(), at = NOW) =>
  workload.workloadActor(world.db, `Bearer ${token}`, known, at);

describe("a workload token", () => {
  it("is the account that its audience names, with the scopes of the trust", async () => {
    const { id } = await trusting("job");
    expect(await actorOf(await sign(claimsFor(id)))).toMatchObject({
      kind: "service",
      id,
      role: "viewer",
      scopes: SCOPES,
      trustDomainIds: [world.home, world.away],
    });
  });

  it("counts by its claims where those are trusted", async () => {
    const { id } = await trusting(null, { repository: "org/app", environment: "prod" });
    const good = { sub: "anything", repository: "org/app", environment: "prod" };
    expect(await actorOf(await sign(claimsFor(id, good)))).toMatchObject({ id });
    for (const wrong of [{ environment: "test" }, { environment: undefined }, { environment: ["prod"] }])
      expect(await actorOf(await sign(claimsFor(id, { ...good, ...wrong })))).toBeNull();
  });

  it.each<[string, (id: string, other: string) => Claims]>([
    ["for another account", (_id, other) => ({ aud: audienceOf(other) })],
    ["for this account and somebody else", (id) => ({ aud: [audienceOf(id), "https://else.example"] })],
    ["for nobody", () => ({ aud: undefined })],
    ["of another subject", () => ({ sub: "Job" })],
    ["without a subject", () => ({ sub: undefined })],
    ["of another issuer", () => ({ iss: "https://else.example" })],
    ["of an issuer with another spelling", () => ({ iss: `${issuer}/` })],
    ["that is over", () => ({ iat: seconds - 700, exp: seconds - 31 })],
    ["that never ends", () => ({ exp: undefined })],
    ["that nobody knows the beginning of", () => ({ iat: undefined })],
    ["of the future", () => ({ iat: seconds + 60 })],
    ["that does not count yet", () => ({ nbf: seconds + 60 })],
    ["that lives for too long", () => ({ exp: seconds + TOKEN_LIFE_MAX_S + 1 })],
  ])("%s is refused", async (_, change) => {
    const [{ id }, other] = [await trusting("job"), await trusting("not this job")];
    expect(await actorOf(await sign(claimsFor(id, change(id, other.id))))).toBeNull();
    expect(await actorOf(await sign(claimsFor(id)))).not.toBeNull();
  });

  it("is refused when the issuer did not sign it", async () => {
    const { id } = await trusting("job");
    const forged = await newKey("one");
    expect(await actorOf(await sign(claimsFor(id), forged))).toBeNull();
    const [head = "", , tail = ""] = (await sign(claimsFor(id))).split(".");
    const body = Buffer.from(JSON.stringify(claimsFor(id, { sub: "job" }))).toString("base64url");
    expect(await actorOf(`${head}.${body}x.${tail}`)).toBeNull();
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    expect(await actorOf(`${none}.${body}.`)).toBeNull();
    // The public key taken for a shared secret.
    const secret = Buffer.from(JSON.stringify(key.jwk));
    const mac = await new SignJWT(claimsFor(id))
      .setProtectedHeader({ alg: "HS256", kid: "one" })
      .sign(secret);
    expect(await actorOf(mac)).toBeNull();
  });

  it("counts for nothing from the next request on when the trust is removed or the account disabled", async () => {
    const [one, two] = [await trusting("job"), await trusting("job")];
    const tokens = [await sign(claimsFor(one.id)), await sign(claimsFor(two.id))];
    const known = issuers();
    for (const token of tokens) expect(await actorOf(token, known)).not.toBeNull();
    await removeWorkloadTrust(root, { serviceAccountId: one.id, trustId: one.trustId });
    await disableServiceAccount(root, { serviceAccountId: two.id });
    for (const token of tokens) expect(await actorOf(token, known)).toBeNull();
  });

  it("is refused once the operator accepts the issuer no more", async () => {
    const { id } = await trusting("job");
    expect(await actorOf(await sign(claimsFor(id)), workload.workloadIssuers([], askIssuer))).toBeNull();
    expect(published.asked).toBe(0);
  });
});

describe("an issuer", () => {
  it("is asked once, and again for a key that it did not have before", async () => {
    const { id } = await trusting("job");
    const known = issuers();
    const token = await sign(claimsFor(id));
    for (let times = 0; times < 5; times++) expect(await actorOf(token, known)).not.toBeNull();
    expect(published.asked).toBe(2);
    const next = await newKey("two");
    published.keys = [key.jwk, next.jwk];
    // Within the cool-down strangers could make us ask for every key that they invent.
    expect(await actorOf(await sign(claimsFor(id), next), known)).toBeNull();
    expect(published.asked).toBe(2);
    vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ["Date"] });
    try {
      expect(await actorOf(await sign(claimsFor(id), next), known)).not.toBeNull();
      expect(published.asked).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("that fails, describes another one or redirects is not believed, and not asked again at once", async () => {
    const { id } = await trusting("job");
    const token = await sign(claimsFor(id));
    for (const fault of [{ status: 500 }, { named: "https://else.example" }]) {
      Object.assign(published, { named: null, status: 200, asked: 0 }, fault);
      const known = issuers();
      expect(await actorOf(token, known)).toBeNull();
      Object.assign(published, { named: null, status: 200 });
      expect(await actorOf(token, known)).toBeNull();
      expect(published.asked).toBe(1);
      expect(await actorOf(token, known, new Date(NOW.getTime() + 10_000))).not.toBeNull();
    }
    const away = AbortSignal.timeout(5_000);
    await expect(askIssuer(`${issuer}/redirected/.well-known/openid-configuration`, away)).rejects.toThrow();
    await expect(askIssuer("http://8.8.8.8/keys", away)).rejects.toThrow("over https");
  });

  it("is never asked for what strangers send", async () => {
    const { id } = await trusting("job");
    for (const header of [
      "Bearer x",
      "Bearer a.b.c",
      `Basic ${await sign(claimsFor(id))}`,
      `Bearer ${"a".repeat(9_000)}.b.c`,
    ])
      expect(await workload.workloadActor(world.db, header, issuers(), NOW)).toBeNull();
    const stranger = await sign({ ...claimsFor("01a20000-0000-7000-8000-000000000000") });
    expect(await actorOf(stranger)).toBeNull();
    expect(published.asked).toBe(0);
  });
});
