import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kubernetesRig } from "#tests/stubs/connectors/kubernetes";
import { type Rig, rigContext } from "#tests/stubs/connectors/rig";
import type { KubeFake } from "#tests/stubs/kubernetes";

const PODS = "/api/v1/pods";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const { connector } = kubernetesRig;
const TARGET = { ref: "w1.example", words: "node w1.example", uid: null };
let rig: Rig;
let fake: KubeFake;

beforeEach(async () => {
  rig = await kubernetesRig.start();
  fake = rig.fake as KubeFake;
});
afterEach(() => fake.close());
const ctx = (overrides = {}) => rigContext(kubernetesRig, rig, new Map(), overrides);
const names = (collection: string) =>
  (fake.objects.get(collection) ?? []).map(({ metadata }) => metadata.name);

describe("a drain", () => {
  it("leaves pods of DaemonSets and of other nodes where they are", async () => {
    rig.prepare("drain");
    await connector.start(ctx(), TARGET, "drain", "k");
    expect(names(PODS)).toEqual(["log-1", "elsewhere"]);
    expect((await connector.observe(ctx(), TARGET, "drain", "k")).state).toBe("done");
  });

  it("waits for a disruption budget and never overrules it; what it held back is told, and a later start goes on", async () => {
    rig.prepare("drain");
    fake.held.set("web-2", 5);
    const pauses: number[] = [];
    const waiting = ctx({ sleep: async (ms: number) => void pauses.push(ms) });
    const first = await connector.start(waiting, TARGET, "drain", "k");
    expect(first.facts).toMatchObject({ evicted: 2, held: ["shop/web-2"], next: true });
    expect(pauses.length).toBeGreaterThan(0);
    expect(await connector.observe(ctx(), TARGET, "drain", "k")).toMatchObject({
      state: "running",
      facts: { next: true },
    });
    await connector.start(ctx(), TARGET, "drain", "k");
    expect((await connector.observe(ctx(), TARGET, "drain", "k")).state).toBe("done");
  });

  it("does not begin on a node that takes new work, and says in the preview which pods are held back", async () => {
    await expect(connector.start(ctx(), TARGET, "drain", "k")).rejects.toMatchObject({ kind: "refused" });
    expect(fake.effects).toEqual([]);
    const { checks } = await connector.preview(ctx(), TARGET, "drain");
    const failed = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
    expect(failed).toContain("Disruption budgets: hold back shop/web-2");
    expect(failed[0]).toContain("The node is cordoned");
  });

  it("stops while it waits for a budget", async () => {
    rig.prepare("drain");
    fake.held.set("web-2", 99);
    const controller = new AbortController();
    const reason = new Error("stop");
    const sleep = (): Promise<void> => {
      controller.abort(reason);
      return Promise.reject(reason);
    };
    const running = connector.start(ctx({ sleep, signal: controller.signal }), TARGET, "drain", "k");
    await expect(running).rejects.toBe(reason);
  });

  it("does not move a pod of the same name that came since", async () => {
    rig.prepare("drain");
    const before = fake.find(PODS, "web-1");
    if (!before) throw new Error("no pod");
    fake.held.clear();
    const { request } = ctx();
    const replacing = ctx({
      request: (init: Parameters<typeof request>[0], signal: AbortSignal) => {
        if (init.url.endsWith("/pods/web-1/eviction")) before.metadata.uid = "another";
        return request(init, signal);
      },
    });
    await connector.start(replacing, TARGET, "drain", "k");
    expect(fake.effects).not.toContain("evict shop/web-1");
  });
});

describe("denying certificate requests", () => {
  it("denies those of the node, also when they are asked for in its name, and no others", async () => {
    const name = Buffer.from("system:node:w1.example");
    const commonName = Buffer.concat([Buffer.from([0x06, 3, 0x55, 4, 3, 0x0c, name.byteLength]), name]);
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${commonName.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    fake.add(REQUESTS, "bootstrap", {
      spec: {
        signerName: "kubernetes.io/kube-apiserver-client-kubelet",
        username: "system:bootstrap:x",
        request: Buffer.from(pem).toString("base64"),
      },
      status: {},
    });
    fake.conflicts = 1;
    const started = await connector.start(ctx(), TARGET, "deny_requests", "k");
    expect(started.facts).toEqual({ denied: 2 });
    const denied = (fake.objects.get(REQUESTS) ?? []).filter(({ status }) =>
      JSON.stringify(status).includes("Denied"),
    );
    expect(denied.map(({ metadata }) => metadata.name)).toEqual(["csr-w1.example", "bootstrap"]);
  });

  it("leaves what was approved as it is", async () => {
    const request = fake.find(REQUESTS, "csr-w1.example");
    if (!request) throw new Error("no request");
    request.status = { conditions: [{ type: "Approved", status: "True" }] };
    await connector.start(ctx(), TARGET, "deny_requests", "k");
    expect(fake.effects).toEqual([]);
  });
});

describe("the test", () => {
  it("names the right that is missing", async () => {
    fake.denied.add("create pods/eviction");
    const checks = await connector.test(ctx());
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["create pods/eviction"]);
  });
});
