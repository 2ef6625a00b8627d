import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isStrongIdentity } from "#lib/domain/verdict";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { inBase64, WORKER_CERTIFICATE, WORKER_REQUEST } from "#tests/kube-pki";
import { sha256 } from "#tests/source-testing";
import { commonNameOf } from "./csr-subject.ts";
import { kubernetesSource as source } from "./index.ts";

const at = (time: string) => `2026-11-22T${time}Z`;
const UID = "3a554aa2-fee7-435b-ae1b-e67bdaac069a";
const REQUEST = inBase64(WORKER_REQUEST);

const csr = (spec: object = {}, status: object = {}, metadata: object = {}) => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name: "csr-1", uid: UID, creationTimestamp: at("11:00:00"), ...metadata },
  spec: {
    request: REQUEST,
    signerName: "kubernetes.io/kube-apiserver-client-kubelet",
    username: "system:bootstrap:07401b",
    groups: ["system:bootstrappers"],
    ...spec,
  },
  status,
});
const node = (spec: object = {}, status: object = {}, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "worker-7", uid: UID, creationTimestamp: at("11:00:00"), ...metadata },
  spec,
  status,
});
const condition = (type: string, status: string, time = "11:30:00") => ({
  type,
  status,
  reason: "Because",
  lastTransitionTime: at(time),
});
const event = (reason: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { uid: UID },
  involvedObject: { kind: "Node", name: "worker-7", uid: "worker-7" },
  reason,
  lastTimestamp: at("11:00:00"),
  ...more,
});

describe("certificate requests", () => {
  it("reads the common name of a request, and nothing from what is none", () => {
    expect(commonNameOf(REQUEST)).toBe("system:node:worker-7");
    for (const text of [
      "",
      "AQ==",
      inBase64(WORKER_CERTIFICATE),
      inBase64("-----BEGIN CERTIFICATE REQUEST-----\nMIHx\n-----END"),
    ]) {
      expect(commonNameOf(text)).toBeNull();
    }
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), fc.nat(200), (position, byte, cut) => {
        const der = Buffer.from(WORKER_REQUEST.replace(/-----[^-]+-----|\s/g, ""), "base64");
        der[position] = byte;
        for (const bytes of [der, der.subarray(0, cut)]) {
          const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END`;
          const name = commonNameOf(inBase64(pem));
          expect(name === null || typeof name === "string").toBe(true);
        }
      }),
    );
  });

  it.each([
    [{}, "bootstrap_token", "node", []],
    [{ groups: [] }, "bootstrap_token", "node", []],
    [{ username: "kubeadm", groups: ["system:bootstrappers"] }, "bootstrap_token", "node", []],
    [
      { username: "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper", groups: [] },
      "bootstrap_token",
      "node",
      [],
    ],
    [{ username: "system:node:worker-7", groups: ["system:nodes"] }, "node_certificate", "node", []],
    [{ username: "system:node:worker-8", groups: ["system:nodes"] }, null, "node", ["anomaly.identity"]],
    [{ username: "mallory", groups: [] }, null, "user", ["anomaly.identity"]],
    [{ username: "system:serviceaccount:x:y", groups: [] }, null, "service", ["anomaly.identity"]],
    [{ username: undefined, groups: [] }, null, "unknown", []],
  ])("knows who asks: %j", async (spec, method, kind, more) => {
    const events = await eventsOf(source, csr(spec));
    expect(events.map(({ type }) => type)).toEqual(["enrollment.requested", ...more]);
    expect(events[0]).toMatchObject({ method, actor: { kind }, outcome: "pending", requestId: "csr-1" });
    expect(events[0]?.identities).toEqual([{ kind: "k8s_node_name", value: "worker-7" }]);
  });

  it("says of an anomaly who asked for whom", async () => {
    const events = await eventsOf(source, csr({ username: "mallory", groups: [] }));
    expect(events[1]).toMatchObject({
      reasonCode: "subject_mismatch",
      reasonText: "mallory asks for a certificate of system:node:worker-7",
      outcome: "info",
      externalId: `${UID}:anomaly`,
    });
  });

  it("notices a node's name under any signer, and ignores certificates of others", async () => {
    const signerName = "example.com/signer";
    expect(await eventsOf(source, csr({ signerName, username: "mallory", groups: [] }))).toHaveLength(2);
    expect(await eventsOf(source, csr({ signerName, request: "AQ==" }))).toEqual([]);
    const serving = csr({
      signerName: "kubernetes.io/kubelet-serving",
      request: "AQ==",
      username: "x",
      groups: [],
    });
    expect(await eventsOf(source, serving)).toHaveLength(1);
    expect((await eventsOf(source, serving))[0]?.identities).toEqual([]);
  });

  it.each([
    ["Approved", "enrollment.approved success -"],
    ["Denied", "enrollment.denied denied csr_denied"],
    ["Failed", "enrollment.failed failure unknown"],
  ])("maps %s", async (type, summary) => {
    const done = { type, status: "True", reason: "R", message: "m", lastUpdateTime: at("11:00:01") };
    const status = { conditions: [done, { type: "Other", lastUpdateTime: at("11:00:01") }] };
    expect(await summariesOf(source, csr({}, status))).toEqual(["enrollment.requested pending -", summary]);
    const [, last] = await eventsOf(source, csr({}, status));
    expect(last?.externalId).toBe(`${UID}:${type}:2026-11-22T11:00:01.000Z`);
    expect(last?.reasonText).toBe(type === "Approved" ? null : "R: m");
    const no = { conditions: [{ ...done, status: "False" }] };
    expect(await summariesOf(source, csr({}, no))).toHaveLength(1);
    const untimed = await interpretAll(source, [csr({}, { conditions: [{ type }] })]);
    expect(untimed.rejections).toHaveLength(1);
    expect(untimed.items).toHaveLength(1);
    const older = { conditions: [{ type, lastTransitionTime: at("11:00:02") }] };
    expect((await eventsOf(source, csr({}, older)))[1]?.occurredAtMs).toBe(Date.parse(at("11:00:02")));
  });

  it("tells a first certificate from a further one, and dates both by the approval", async () => {
    const status = {
      conditions: [{ type: "Approved", lastUpdateTime: at("11:00:01") }],
      certificate: "QQ==",
    };
    const issued = (await eventsOf(source, csr({}, status))).at(-1);
    expect(issued).toMatchObject({
      type: "enrollment.credential_issued",
      occurredAtMs: Date.parse(at("11:00:01")),
    });
    const self = csr({ username: "system:node:worker-7" }, status);
    expect((await eventsOf(source, self)).at(-1)?.type).toBe("enrollment.credential_renewed");
    const { rejections } = await interpretAll(source, [csr({}, { certificate: "QQ==" })]);
    expect(rejections.map(({ detail }) => detail)).toEqual(["enrollment.credential_issued carries no time"]);
  });

  it("tells that a certificate has expired, by its own date, and not before", async () => {
    const status = {
      conditions: [{ type: "Approved", lastUpdateTime: at("11:00:01") }],
      certificate: inBase64(WORKER_CERTIFICATE),
    };
    const expired = (await eventsOf(source, csr({}, status))).at(-1);
    expect(expired).toMatchObject({
      type: "enrollment.credential_expired",
      occurredAtMs: Date.parse("2026-11-20T00:00:00Z"),
    });
    const early = { nowMs: Date.parse("2026-11-19T23:59:59Z"), settings: { acceptFutureMs: 1e12 } };
    expect((await eventsOf(source, csr({}, status), early)).at(-1)?.type).toBe(
      "enrollment.credential_issued",
    );
  });

  it("stores the digest of a request in its place, and no copies of it", async () => {
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": `{"r":"${REQUEST}"}`,
      keep: "1",
    };
    const document = csr({}, {}, { managedFields: [{}], annotations });
    for (const [documents, prefix] of [
      [[document], ""],
      [[{ type: "ADDED", object: document }], "/object"],
      [[{ ...document, kind: undefined }], null],
      [[{ ...document, metadata: { annotations } }], null],
    ] as const) {
      const { items, rejections } = await interpretAll(source, documents);
      expect(items.length + rejections.length).toBe(1);
      const [found] = [...items, ...rejections];
      const stored = new TextDecoder().decode(found?.raw);
      expect(stored).not.toContain(REQUEST);
      expect(stored).toContain(`sha256:${sha256(new TextEncoder().encode(REQUEST))}`);
      expect(stored).not.toMatch(/managedFields|last-applied/);
      expect(stored).toContain('"keep":"1"');
      const [item] = items;
      if (prefix === null || item?.kind !== "bootstrap") continue;
      expect(item.event.redactions).toEqual([
        `${prefix}/metadata/managedFields`,
        `${prefix}/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration`,
        `${prefix}/spec/request`,
      ]);
    }
  });

  it("never names a node by what a request says", async () => {
    const events = await eventsOf(source, csr({ uid: UID }));
    expect(
      events.flatMap(({ identities }) => identities).filter(({ kind }) => isStrongIdentity(kind)),
    ).toEqual([]);
  });
});

describe("nodes", () => {
  it("names a node by its incarnation and its machine, and notes the rest", async () => {
    const status = {
      nodeInfo: { systemUUID: "98F211E9-0000-0000-AC5E-AC87A33863C5", bootID: UID, machineID: "m" },
      addresses: [
        { type: "InternalIP", address: "192.0.2.7" },
        { type: "Hostname", address: "worker-7" },
        { type: "Other", address: "x" },
      ],
    };
    const [registered] = await eventsOf(source, node({ providerID: "aws:///a/i-1" }, status));
    expect(registered).toMatchObject({
      type: "node.registered",
      displayName: "worker-7",
      externalId: `${UID}:created`,
    });
    expect(registered?.identities.map(({ kind }) => kind)).toEqual([
      "k8s_node_uid",
      "provider_id",
      "system_uuid",
      "k8s_node_name",
      "boot_id",
      "ip",
      "hostname",
    ]);
    const [bare] = await eventsOf(source, node({}, { nodeInfo: { systemUUID: "" } }));
    expect(bare?.identities.map(({ kind }) => kind)).toEqual(["k8s_node_uid", "k8s_node_name"]);
  });

  it.each([
    ["Ready", "True", "node.ready success -"],
    ["Ready", "False", "node.not_ready failure unknown"],
    ["Ready", "Unknown", "node.not_ready failure timeout"],
    ["DiskPressure", "True", "node.health_changed failure unknown"],
    ["DiskPressure", "False", "node.health_changed success -"],
    ["DiskPressure", "Unknown", "node.health_changed failure timeout"],
    ["KernelDeadlock", "True", "node.health_changed failure unknown"],
    ["SomebodyElses", "True", "node.health_changed info -"],
    ["SomebodyElses", "False", "node.health_changed info -"],
  ])("maps condition %s %s", async (type, status, summary) => {
    const events = await summariesOf(source, node({}, { conditions: [condition(type, status)] }));
    expect(events).toEqual(["node.registered success -", summary]);
  });

  it("does not call it news that a node has been well since it registered", async () => {
    const conditions = [
      condition("DiskPressure", "False", "11:00:00"),
      condition("Ready", "True", "10:59:57"),
    ];
    expect(await summariesOf(source, node({}, { conditions }))).toEqual([
      "node.registered success -",
      "node.ready success -",
    ]);
  });

  it("gives a condition the same id for as long as it lasts", async () => {
    const beat = (time: string) => ({ ...condition("Ready", "True"), lastHeartbeatTime: at(time) });
    const ids = async (time: string) =>
      (await eventsOf(source, node({}, { conditions: [beat(time)] }))).map(({ externalId }) => externalId);
    expect(await ids("11:40:00")).toEqual(await ids("11:50:00"));
    expect(await ids("11:40:00")).toContain(`${UID}:Ready:2026-11-22T11:30:00.000Z:True`);
  });

  it("tells of taints that say since when, but not of those that echo a condition", async () => {
    const timeAdded = at("11:20:00");
    const taints = [
      { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded },
      { key: "node.kubernetes.io/out-of-service", value: "x", effect: "NoExecute", timeAdded },
      { key: "node.kubernetes.io/not-ready", effect: "NoExecute", timeAdded },
      { key: "gpu", effect: "NoSchedule" },
    ];
    const events = await eventsOf(source, node({ unschedulable: true, taints }));
    expect(events.slice(1).map(({ type, reasonText }) => `${type} ${reasonText}`)).toEqual([
      "node.cordoned node.kubernetes.io/unschedulable:NoSchedule",
      "node.tainted node.kubernetes.io/out-of-service=x:NoExecute",
    ]);
  });

  it("tells that a node is gone when a watch says so", async () => {
    const watched = (type: string, metadata: object = {}) => ({ type, object: node({}, {}, metadata) });
    expect(await summariesOf(source, watched("DELETED"))).toEqual(["node.removed success -"]);
    expect(await summariesOf(source, watched("MODIFIED"))).toEqual(["node.registered success -"]);
    const [dated] = await eventsOf(source, watched("DELETED", { deletionTimestamp: at("11:59:00") }));
    expect(dated?.occurredAtMs).toBe(Date.parse(at("11:59:00")));
    const { rejections } = await interpretAll(source, [watched("DELETED")], { backfill: true });
    expect(rejections).toHaveLength(1);
    const others = [
      { type: "BOOKMARK", object: { kind: "Node", apiVersion: "v1" } },
      { type: "ERROR", object: { kind: "Status" } },
    ];
    expect(await interpretAll(source, others)).toEqual({ items: [], rejections: [] });
  });
});

describe("events", () => {
  it.each([
    ["RegisteredNode", "node.registered success -"],
    ["RemovingNode", "node.removed success -"],
    ["NodeReady", "node.ready success -"],
    ["NodeNotReady", "node.not_ready failure unknown"],
    ["Rebooted", "node.rebooted info -"],
    ["NodeSchedulable", "node.uncordoned info -"],
    ["NodeNotSchedulable", "node.cordoned info -"],
    ["KubeletSetupFailed", "node.health_changed failure unknown"],
  ])("maps %s", async (reason, summary) => {
    expect(await summariesOf(source, event(reason))).toEqual([summary]);
  });

  it("ignores other reasons, other objects and events that say nothing", async () => {
    for (const other of [
      event("Starting"),
      event("constructor"),
      event("NodeReady", { involvedObject: { kind: "Pod", name: "worker-7" } }),
      event("NodeReady", { involvedObject: {} }),
      event("OOMKilling", { type: "Warning" }),
      event("OOMKilling", { type: "Normal", source: { component: "kernel-monitor" } }),
    ]) {
      expect(await eventsOf(source, other)).toEqual([]);
    }
  });

  it("takes what a problem detector warns of", async () => {
    const source_ = { type: "Warning", source: { component: "kernel-monitor" }, message: "task hung" };
    const [found] = await eventsOf(source, event("TaskHung", source_));
    expect(found).toMatchObject({ type: "node.health_changed", outcome: "failure", reasonText: "task hung" });
  });

  it("does not take the name that the kubelet gives for a UID", async () => {
    const [byName] = await eventsOf(source, event("NodeReady"));
    expect(byName?.identities).toEqual([{ kind: "k8s_node_name", value: "worker-7" }]);
    const [byUid] = await eventsOf(
      source,
      event("NodeReady", { involvedObject: { kind: "Node", name: "worker-7", uid: UID } }),
    );
    expect(byUid?.identities[0]).toEqual({ kind: "k8s_node_uid", value: UID });
  });

  it("finds the boot id of a reboot", async () => {
    const message = `Node worker-7 has been rebooted, boot id: ${UID}`;
    const [found] = await eventsOf(source, event("Rebooted", { message }));
    expect(found?.identities).toContainEqual({ kind: "boot_id", value: UID });
  });

  it("counts repetitions apart, at their last time", async () => {
    const repeated = event("NodeNotReady", { count: 4, firstTimestamp: at("10:00:00") });
    expect((await eventsOf(source, repeated))[0]).toMatchObject({
      externalId: `${UID}:4`,
      occurredAtMs: Date.parse(at("11:00:00")),
    });
  });

  it("reads the newer API alike", async () => {
    const newer = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { uid: UID },
      regarding: { kind: "Node", name: "worker-7" },
      reason: "NodeNotReady",
      note: "node is not ready",
      eventTime: "2026-11-22T11:00:00.000010Z",
      series: { count: 3, lastObservedTime: "2026-11-22T11:10:00.000002Z" },
      reportingController: "node-controller",
    };
    expect((await eventsOf(source, newer))[0]).toMatchObject({
      externalId: `${UID}:3`,
      occurredAtMs: Date.parse(at("11:10:00")),
      reasonText: "node is not ready",
      actor: { kind: "controller", id: "node-controller" },
    });
  });

  it.each([
    ["RemediationCreated", "remediation.external_started pending -"],
    ["RemediationRemoved", "remediation.external_succeeded success -"],
    ["RemediationCannotStart", "remediation.external_failed failure unknown"],
    ["RemediationSkipped", "remediation.external_blocked denied quorum_guard"],
  ])("maps medik8s %s without naming a node", async (reason, summary) => {
    const about = event(reason, { involvedObject: { kind: "NodeHealthCheck", name: "workers", uid: UID } });
    expect(await summariesOf(source, about)).toEqual([summary]);
    expect((await eventsOf(source, about))[0]).toMatchObject({ identities: [], displayName: null });
  });
});

describe("bootstrap tokens", () => {
  const secret = (type: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    type,
    metadata: { name: "bootstrap-token-07401b", uid: UID, creationTimestamp: at("11:00:00") },
    data: { "token-secret": "czNjcmV0" },
    stringData: { other: "s3cret" },
  });

  it("tells of tokens made and taken back, and stores none of their content", async () => {
    const token = secret("bootstrap.kubernetes.io/token");
    expect(await summariesOf(source, token)).toEqual(["enrollment.token_issued success -"]);
    expect(await summariesOf(source, { type: "DELETED", object: token })).toEqual([
      "enrollment.token_revoked success -",
    ]);
    const broken = { ...token, kind: undefined };
    const { items, rejections } = await interpretAll(source, [token, broken, { ...token, metadata: {} }]);
    expect([items.length, rejections.length]).toEqual([1, 2]);
    for (const { raw } of [...items, ...rejections]) {
      expect(new TextDecoder().decode(raw)).not.toMatch(/czNjcmV0|s3cret/);
    }
  });

  it("ignores all other secrets", async () => {
    expect(await interpretAll(source, [secret("Opaque")])).toEqual({ items: [], rejections: [] });
  });
});

describe("hostile input", () => {
  const anything = fc.anything({
    maxDepth: 3,
    key: fc.constantFrom("type", "status", "name", "uid", "conditions", "a"),
  });

  it("never throws, whatever stands in the fields", async () => {
    const kinds = ["Node", "CertificateSigningRequest", "Event", "Secret", "NodeHealthCheck"];
    const groups = ["v1", "certificates.k8s.io/v1", "remediation.medik8s.io/v1alpha1", "events.k8s.io/v1"];
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          kind: fc.constantFrom(...kinds),
          apiVersion: fc.constantFrom(...groups),
          metadata: fc.oneof(fc.constant({ uid: UID }), anything),
          spec: anything,
          status: anything,
          involvedObject: anything,
          reason: anything,
          type: anything,
        }),
        async (document) => {
          const text = JSON.stringify(document);
          const { items } = await interpretAll(source, [
            JSON.parse(text),
            { type: "DELETED", object: JSON.parse(text) },
          ]);
          expect(Array.isArray(items)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
