import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import { type HttpStub, startHttp } from "#tests/stubs/http";
import { kubernetesConnector } from "./index.ts";

type Patch = {
  metadata: { resourceVersion: string; annotations: Record<string, string | null> };
  spec: object;
};

const TARGET = { ref: "n1", words: "node n1", uid: null };
let stub: HttpStub;
let version: number;
let spec: { unschedulable?: boolean | null; taints: { key: string }[] };
let annotations: Record<string, string | null>;
let writes: number;
let conflicts: number;
let status: number;
let losesAnswer: boolean;

beforeEach(async () => {
  [version, writes, conflicts, status, losesAnswer] = [1, 0, 0, 200, false];
  spec = { unschedulable: false, taints: [{ key: "theirs", effect: "NoSchedule" } as { key: string }] };
  annotations = {};
  stub = await startHttp(({ method, path, query, body }) => {
    if (status !== 200) return { status, body: {} };
    if (path === "/api/v1/pods") return { body: { items: [] } };
    if (method === "PATCH") {
      const patch = JSON.parse(body) as Patch;
      if (conflicts-- > 0) version += 1;
      if (patch.metadata.resourceVersion !== String(version)) return { status: 409, body: {} };
      if (query.get("dryRun") !== "All") {
        writes += 1;
        version += 1;
        Object.assign(annotations, patch.metadata.annotations);
        for (const [name, value] of Object.entries(annotations)) if (value === null) delete annotations[name];
        Object.assign(spec, patch.spec);
        if (losesAnswer) return { status: 502, body: "gone" };
      }
    }
    const { unschedulable, taints } = spec;
    const metadata = { name: "n1", uid: "u1", resourceVersion: String(version), annotations };
    return { body: { metadata, spec: { taints, ...(unschedulable && { unschedulable }) } } };
  });
});
afterEach(() => stub.close());

const ctx = () => ({
  settings: { url: stub.url, ca: "", mode: "soft" as const, isolationLabel: false },
  secrets: { token: "canary" },
  request: outboundTo(readAllowed("127.0.0.1")),
  rpc: outboundRpcTo(readAllowed("")),
  memory: { get: async () => null, put: async () => {}, remove: async () => {} },
  callbackUrl: null,
  nowMs: 0,
  sleep: async () => {},
  signal: new AbortController().signal,
});
const start = (verb: string) => kubernetesConnector.start(ctx(), TARGET, verb, "key-1");
const observe = (verb: string) => kubernetesConnector.observe(ctx(), TARGET, verb, "key-1");

describe("the Kubernetes taint", () => {
  it("is written once, beside the taints of others, however often it is started", async () => {
    expect((await start("taint")).again).toBe(false);
    expect((await start("taint")).again).toBe(true);
    expect(writes).toBe(1);
    expect(spec.taints.map(({ key }) => key)).toEqual(["theirs", "touchstone.dev/quarantine"]);
    expect((await observe("taint")).state).toBe("done");
  });

  it("is written over conflicts, and found after a lost answer", async () => {
    conflicts = 2;
    losesAnswer = true;
    await expect(start("taint")).rejects.toMatchObject({ kind: "unreachable", retry: true });
    losesAnswer = false;
    expect((await observe("taint")).state).toBe("done");
    expect((await start("taint")).again).toBe(true);
    expect(writes).toBe(1);
  });

  it("is missed when somebody else takes it away", async () => {
    await start("taint");
    spec.taints = [];
    expect(await observe("taint")).toMatchObject({ state: "not_started", facts: { removed: true } });
  });

  it.each([true, false])("leaves a cordon as it was before: %s", async (before) => {
    spec.unschedulable = before;
    await start("taint");
    expect(spec.unschedulable).toBe(true);
    await start("untaint");
    expect(Boolean(spec.unschedulable)).toBe(before);
    expect(spec.taints.map(({ key }) => key)).toEqual(["theirs"]);
  });

  it("is previewed without a write", async () => {
    expect((await kubernetesConnector.preview(ctx(), TARGET, "taint")).ok).toBe(true);
    expect(writes).toBe(0);
  });

  it("is refused for good without rights, without a word of the token", async () => {
    status = 401;
    const error = await start("taint").catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "unauthorized", retry: false });
    expect(String(error)).not.toContain("canary");
  });

  it("is refused for another registration of the same name", async () => {
    const other = { ...TARGET, uid: "u2" };
    await expect(kubernetesConnector.start(ctx(), other, "taint", "k")).rejects.toMatchObject({
      kind: "conflict",
    });
    expect(writes).toBe(0);
  });
});
