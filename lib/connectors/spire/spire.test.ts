import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAllowed } from "#lib/outbound/address";
import { outboundRpcTo } from "#lib/outbound/rpc";
import { type Rig, rigContext, rigNode } from "#tests/stubs/connectors/rig";
import { spireRig } from "#tests/stubs/connectors/spire";
import { newAuthority } from "#tests/stubs/pki";
import { type SpireStub, type StubAgent, startSpire, stubAgent } from "#tests/stubs/spire";

const { connector } = spireRig;
const ID = "spiffe://td.example/spire/agent/tpm_devid/w1";
const TARGET = { ref: ID, words: `agent ${ID}`, uid: null };
let rig: Rig;
let fake: SpireStub;
let memory: Map<string, unknown>;

beforeEach(async () => {
  rig = await spireRig.start();
  fake = rig.fake as SpireStub;
  memory = new Map();
});
afterEach(() => fake.close());
const ctx = (overrides = {}) => rigContext(spireRig, rig, memory, overrides);
const start = (verb: string) => connector.start(ctx(), TARGET, verb, "k");
const observe = (verb: string) => connector.observe(ctx(), TARGET, verb, "k");
const become = (more: Partial<StubAgent>) => {
  fake.agents = [stubAgent("w1", more)];
};

describe("a ban", () => {
  it("says before the vote and after it how long credentials from before still hold", async () => {
    rig = { ...rig, settings: { ...rig.settings, workloadMinutes: 90 } };
    const { steps } = await connector.preview(ctx(), TARGET, "ban");
    expect(steps.join(" ")).toContain("valid for up to 90 minutes");
    expect(steps.join(" ")).toContain("until 2026-03-01T13:00:00.000Z");
    await start("ban");
    const later = { nowMs: Date.parse("2026-06-01T12:30:00Z") };
    expect(await connector.observe(ctx(later), TARGET, "ban", "k")).toMatchObject({
      state: "done",
      facts: { banned: true, credentialsUntil: "2026-06-01T13:30:00.000Z" },
    });
  });

  it("that somebody lifted is seen to be gone", async () => {
    await start("ban");
    become({ x509svid_serial_number: "999" });
    expect(await observe("ban")).toMatchObject({ state: "running", facts: { banned: false } });
    fake.agents = [];
    await expect(observe("ban")).rejects.toMatchObject({ kind: "not_found" });
  });

  it("of an agent that is banned already sends nothing", async () => {
    become({ banned: true, x509svid_serial_number: "" });
    await start("ban");
    expect(await observe("ban")).toMatchObject({ state: "done" });
    expect(fake.effects).toEqual([]);
  });
});

describe("a deletion", () => {
  it("is done although the node has attested anew before anybody looked, answered or not", async () => {
    become({ banned: true, x509svid_serial_number: "" });
    fake.conduct = { lose: 1 };
    await expect(start("delete")).rejects.toMatchObject({ retry: true });
    fake.conduct = "plain";
    become({ x509svid_serial_number: "999" });
    expect(await observe("delete")).toMatchObject({ state: "done" });
    expect(await start("delete")).toMatchObject({ again: true });
    expect(fake.effects).toHaveLength(1);
  });

  it("of an agent that was not banned is not taken for done because its certificate was renewed", async () => {
    fake.conduct = { status: 500 };
    await connector.observe(ctx(), TARGET, "delete", "k").catch(() => {});
    fake.conduct = "plain";
    memory.set("delete:k", { banned: false, serial: "10119", expiresAt: 1, answered: false });
    become({ x509svid_serial_number: "999" });
    expect(await observe("delete")).toMatchObject({ state: "running", facts: { next: true } });
    await start("delete");
    expect(await observe("delete")).toMatchObject({ state: "done" });
  });

  it("says that it lifts a ban, and whether the agent could come back without it", async () => {
    become({ banned: true, can_reattest: false });
    const { steps } = await connector.preview(ctx(), TARGET, "delete");
    expect(steps.join(" ")).toContain("which lifts its ban");
    expect(steps.join(" ")).toContain("for the first time");
  });
});

describe("the server", () => {
  it.each([
    ["a workload of the trust domain", ["spiffe://td.example/workload"]],
    ["the server of another", ["spiffe://other.example/spire/server"]],
  ])("is not taken for it: %s", async (_, uris) => {
    const authority = newAuthority("bundle");
    const admin = authority.issueSvid("spiffe://td.example/touchstone");
    const other = await startSpire("", { ca: authority.cert, own: authority.issueSvid(...uris) });
    other.agents = [stubAgent("w1")];
    const settings = { ...rig.settings, url: other.url, ca: authority.cert };
    rig = { ...rig, settings, secrets: { certificate: admin.cert, key: admin.key } };
    const error = await start("ban").catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "unreachable" });
    expect(String(error)).toContain("not that of the server that was meant");
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it("is not asked without a certificate of our own, nor where the installation does not allow it", async () => {
    const shut = { rpc: outboundRpcTo(readAllowed("")) };
    await expect(connector.test(ctx(shut))).rejects.toMatchObject({ kind: "refused", retry: false });
    rig = { ...rig, secrets: {} };
    await expect(connector.test(ctx())).rejects.toMatchObject({ kind: "refused", retry: false });
    expect(fake.requests).toEqual([]);
  });

  it("is asked over its socket where the installation names it, and nowhere else", async () => {
    const dir = await mkdtemp(join(tmpdir(), "touchstone-spire-"));
    const local = await startSpire(dir);
    local.agents = [stubAgent("w1")];
    rig = { ...rig, settings: { url: local.url, trustDomain: "td.example" }, secrets: {} };
    for (const allowed of ["", "127.0.0.1", `${local.url}.other`]) {
      const error = await connector.test(ctx({ rpc: outboundRpcTo(readAllowed(allowed)) })).catch((e) => e);
      expect(error, allowed).toMatchObject({ kind: "refused", retry: false });
      expect(String(error)).toContain("TOUCHSTONE_OUTBOUND_ALLOW");
    }
    expect(local.requests).toEqual([]);
    const named = ctx({ rpc: outboundRpcTo(readAllowed(`kube.example, ${local.url}`)) });
    expect((await connector.test(named)).every(({ ok }) => ok)).toBe(true);
    await local.close();
    await rm(dir, { recursive: true });
  });
});

describe("a node", () => {
  it.each([
    ["spiffe://other.example/spire/agent/tpm_devid/w1"],
    ["spiffe://td.example/workload/w1"],
    ["spiffe://td.example/spire/server"],
    ["spiffe://td.example.evil/spire/agent/x"],
  ])("is not known by %s", (spiffe_id) => {
    const settings = connector.settings.parse(rig.settings);
    expect(connector.targetOf(rigNode("w1", { spiffe_id }), settings)).toBeNull();
  });

  it("is known by the agent's id, whatever other ids its workloads have", () => {
    const settings = connector.settings.parse(rig.settings);
    const identities = ["spiffe://td.example/workload", ID].map((value) => ({ kind: "spiffe_id", value }));
    expect(connector.targetOf({ ...rigNode("w1"), identities }, settings)).toEqual(TARGET);
  });
});
