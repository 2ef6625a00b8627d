import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "#lib/collect/config";
import { OPEN_AFTER } from "#lib/collect/pace";
import { openTarget, type Target } from "#lib/collect/target";
import { spireSource } from "#lib/sources/spire/index";
import { openSpire, SpireError } from "#lib/spire/connection";
import { LIST_AGENTS } from "#lib/spire/protocol";
import { contextOf, messageOf } from "#tests/source-testing";
import { SOURCE_ID, useBench } from "#tests/stubs/collecting";
import { newAuthority } from "#tests/stubs/pki";
import { type SpireStub, startSpire, stubAgent } from "#tests/stubs/spire";

const bench = useBench();
const TRUST_DOMAIN = "td.example";
const SERVER_ID = `spiffe://${TRUST_DOMAIN}/spire/server`;

let stub: SpireStub;
let target: Target;
beforeEach(async () => {
  stub = await startSpire(bench.dir);
  stub.agents = [stubAgent("a"), stubAgent("b")];
  target = await watching({ url: stub.url });
});
afterEach(() => stub.close());

const watching = (server: object) =>
  openTarget(bench.setup({ kind: "spire", server: { trustDomain: TRUST_DOMAIN, ...server } }), bench.timing);

async function poll(): Promise<void> {
  bench.nowMs = target.nextAtMs();
  await target.step(AbortSignal.timeout(20_000));
}

const change = (index: number, more: Parameters<typeof stubAgent>[1]) => {
  stub.agents = stub.agents.map((agent, at) => (at === index ? { ...agent, ...more } : agent));
};

/** What the product reads out of everything that was delivered since the last call. */
let read = 0;
beforeEach(() => {
  read = 0;
});
async function news(): Promise<string[]> {
  const bodies = bench.touchstone.requests.slice(read).map(({ body }) => body);
  read = bench.touchstone.requests.length;
  const found: string[] = [];
  for (const body of bodies) {
    const context = contextOf({ nowMs: bench.nowMs, settings: { acceptPastMs: 86_400_000 } });
    const { items, rejections } = await spireSource.interpret(messageOf(body), context);
    expect(rejections.map(({ detail }) => detail)).toEqual([]);
    for (const item of items) {
      if (item.kind !== "bootstrap") continue;
      const [identity] = item.event.identities;
      found.push(`${item.event.type} ${identity?.value.split("/").at(-1)}`);
    }
  }
  return found;
}

describe("what a server's list tells", () => {
  it("is told once", async () => {
    await poll();
    expect(await news()).toEqual(["enrollment.credential_issued a", "enrollment.credential_issued b"]);
    await poll();
    expect(await news()).toEqual([]);
  });

  it("is read to the last page, before anybody is missed", async () => {
    stub.pageSize = 2;
    stub.agents = ["a", "b", "c", "d", "e"].map((name) => stubAgent(name));
    await poll();
    expect(await news()).toHaveLength(5);
    expect(stub.calls.map(({ request }) => request.page_token)).toEqual(["", "2", "4"]);
    expect(stub.calls[0]?.request).toMatchObject({
      page_size: 500,
      output_mask: { x509svid_serial_number: true, selectors: true, banned: true },
    });
  });

  it("becomes renewals, bans, evictions and ends", async () => {
    await poll();
    await news();
    change(0, { x509svid_serial_number: "2001" });
    await poll();
    expect(await news()).toEqual(["enrollment.credential_renewed a"]);
    change(0, {
      x509svid_serial_number: "2002",
      selectors: [{ type: "tpm_devid", value: "issuer:cn:other" }],
    });
    await poll();
    expect(await news()).toEqual(["enrollment.credential_issued a"]);
    change(0, { banned: true, x509svid_serial_number: "", x509svid_expires_at: "0" });
    await poll();
    expect(await news()).toEqual(["identity.banned a"]);
    change(1, { x509svid_expires_at: String(bench.nowMs / 1000) });
    await poll();
    expect(await news()).toEqual(["enrollment.credential_expired b"]);
    stub.agents = [];
    await poll();
    // Who was banned is never pruned: somebody has lifted the ban.
    expect(await news()).toEqual(["identity.evicted a", "identity.purged b"]);
    stub.agents = [stubAgent("a", { x509svid_serial_number: "2003" })];
    await poll();
    expect(await news()).toEqual(["enrollment.credential_issued a"]);
  });

  it("becomes an anomaly when an agent is attested by another method", async () => {
    await poll();
    await news();
    change(0, { attestation_type: "join_token" });
    await poll();
    expect(await news()).toEqual(["anomaly.identity a"]);
  });

  it("is only read: nothing but ListAgents is ever called", async () => {
    await poll();
    stub.agents = [];
    await poll();
    expect(new Set(stub.calls.map(({ method }) => method))).toEqual(new Set(["ListAgents"]));
  });

  it("survives a restart of the collector", async () => {
    await poll();
    await news();
    target = await watching({ url: stub.url });
    await poll();
    expect(await news()).toEqual([]);
  });
});

describe("a server that is away, slow or hostile", () => {
  it.each([
    ["unavailable", "UNAVAILABLE"],
    ["denied", "PERMISSION_DENIED"],
    ["circle", "round in circles"],
    ["endless", "goes on beyond 100000 agents"],
    ["garbage", "cannot be read"],
  ] as const)("is no reason to miss anybody: %s", async (mode, text) => {
    await poll();
    await news();
    stub.mode = mode;
    await poll();
    expect(target.status().pollError).toContain(text);
    expect(target.status().pollError).not.toContain("secret words");
    stub.mode = "list";
    await poll();
    expect(target.status().pollError).toBeNull();
    expect(await news()).toEqual([]);
  });

  it("opens the breaker, and is asked again once it is back", async () => {
    await stub.close();
    await rm(join(bench.dir, "api.sock"), { force: true });
    for (let attempt = 0; attempt < OPEN_AFTER; attempt += 1) await poll();
    expect(target.status()).toMatchObject({
      breaker: "open",
      pollError: expect.stringContaining("no connection"),
    });
    stub = await startSpire(bench.dir);
    stub.agents = [stubAgent("a")];
    await poll();
    expect(target.status().breaker).toBe("closed");
    expect(await news()).toEqual(["enrollment.credential_issued a"]);
  });

  it("is given a limited time", async () => {
    stub.mode = "hang";
    const connection = await openSpire(
      { url: stub.url, trustDomain: TRUST_DOMAIN },
      { signal: new AbortController().signal, timeoutMs: 50 },
    );
    const failure = await connection.call(LIST_AGENTS, {}).catch((error: unknown) => error);
    connection.close();
    expect(failure).toBeInstanceOf(SpireError);
    expect(failure).toMatchObject({
      isTransient: true,
      message: expect.stringContaining("no complete answer in time"),
    });
  });

  it("is left at once when the collector stops", async () => {
    stub.mode = "hang";
    const stopping = new AbortController();
    const polled = target.step(stopping.signal);
    await expect.poll(() => stub.calls.length).toBe(1);
    stopping.abort(new Error("stopping"));
    await expect(polled).rejects.toThrow("stopping");
  });

  it("cannot make agents up, and what it garbles of one agent says nothing about it", async () => {
    await poll();
    await news();
    stub.agents = [
      stubAgent("a", { selectors: [{ type: "x", value: "line\nbreak" }] }),
      stubAgent("b"),
      stubAgent("b", { banned: true }),
      stubAgent("c", { id: null }),
      stubAgent("d", { id: { trust_domain: "td.example", path: "/spire/agent/\n" } }),
      stubAgent("e", { x509svid_expires_at: "-5" }),
      stubAgent("f", { agent_version: "9.9.9" }),
    ];
    await poll();
    expect(await news()).toEqual(["enrollment.credential_issued f"]);
    expect(target.status().warnings).toEqual([
      "2 entries of the list have no usable SPIFFE ID",
      "3 agents of the list could not be read; they stay as they were",
    ]);
    expect(target.status().watched).toBe(4);
  });

  it("cannot fill a line with selectors", async () => {
    const selectors = Array.from({ length: 2000 }, (_, index) => ({ type: "x", value: `${index}` }));
    stub.agents = [stubAgent("a", { selectors })];
    await poll();
    expect(bench.delivered()[0]?.entry).toMatchObject({ selectors: null });
    expect(await news()).toEqual(["enrollment.credential_issued a"]);
  });
});

describe("over the network", () => {
  const authority = newAuthority("bundle");
  const own = authority.issueSvid(SERVER_ID);
  const admin = authority.issueSvid(`spiffe://${TRUST_DOMAIN}/touchstone`);
  let remote: SpireStub | undefined;
  afterEach(() => remote?.close());

  async function pollRemote(server: { cert: string; key: string }, client = admin): Promise<string | null> {
    remote = await startSpire(bench.dir, { ca: authority.cert, own: server });
    remote.agents = [stubAgent("a")];
    const files = { caFile: authority.cert, certFile: client.cert, keyFile: client.key };
    const paths: Record<string, string> = {};
    for (const [name, text] of Object.entries(files)) {
      paths[name] = join(bench.dir, name);
      await writeFile(paths[name], text, { mode: 0o600 });
    }
    target = await watching({ url: remote.url, ...paths });
    await poll();
    return target.status().pollError;
  }

  it("both sides show their SVIDs", async () => {
    expect(await pollRemote(own)).toBeNull();
    expect(await news()).toEqual(["enrollment.credential_issued a"]);
  });

  it.each([
    ["a workload of the trust domain", [`spiffe://${TRUST_DOMAIN}/workload`]],
    ["the server of another", ["spiffe://other.example/spire/server"]],
    ["a server with a second name", [SERVER_ID, `spiffe://${TRUST_DOMAIN}/workload`]],
    ["a longer name", [`${SERVER_ID}/x`]],
  ])("%s is not taken for the server", async (_, uris) => {
    expect(await pollRemote(authority.issueSvid(...uris))).toContain("not that of the server that was meant");
    expect(remote?.calls).toEqual([]);
    expect(bench.touchstone.requests).toEqual([]);
  });

  it("a server of an unknown authority is not asked", async () => {
    expect(await pollRemote(newAuthority("other").issueSvid(SERVER_ID))).toContain("no connection");
    expect(remote?.calls).toEqual([]);
  });

  it("a caller that the authority does not know gets nothing", async () => {
    expect(
      await pollRemote(own, newAuthority("other").issueSvid(`spiffe://${TRUST_DOMAIN}/x`)),
    ).not.toBeNull();
    expect(remote?.calls).toEqual([]);
  });

  it("a rotated certificate is used by the next poll", async () => {
    expect(await pollRemote(own)).toBeNull();
    const stranger = newAuthority("other").issueSvid(`spiffe://${TRUST_DOMAIN}/x`);
    await writeFile(join(bench.dir, "certFile"), stranger.cert);
    await writeFile(join(bench.dir, "keyFile"), stranger.key);
    await poll();
    expect(target.status().pollError).not.toBeNull();
    expect(remote?.calls).toHaveLength(1);
  });
});

describe("the configuration", () => {
  const config = (server: object) =>
    JSON.stringify({
      touchstone: { url: "https://touchstone.example" },
      stateDir: "/tmp/x",
      targets: [{ name: "one", kind: "spire", source: SOURCE_ID, apiKeyFile: "/k", server }],
    });
  const files = { caFile: "/a", certFile: "/b", keyFile: "/c" };

  it.each([
    { url: "http://spire.example:8081", trustDomain: "td", ...files },
    { url: "https://spire.example:8081", trustDomain: "td" },
    { url: "https://spire.example:8081", trustDomain: "td", caFile: "/a" },
    { url: "https://user:word@spire.example:8081", trustDomain: "td", ...files },
    { url: "https://spire.example:8081/path", trustDomain: "td", ...files },
    { url: "unix://relative.sock", trustDomain: "td" },
    { url: "unix:///api.sock", trustDomain: "td", ...files },
    { url: "unix:///api.sock" },
    { url: "unix:///api.sock", trustDomain: "spiffe://td" },
  ])("refuses %o", (server) => {
    expect(() => readConfig(config(server))).toThrow(/targets\.0\.server/);
  });

  it("takes a socket, or an address with all three files", () => {
    readConfig(config({ url: "unix:///api.sock", trustDomain: "td" }));
    readConfig(config({ url: "https://spire.example:8081", trustDomain: "td", ...files }));
  });
});
