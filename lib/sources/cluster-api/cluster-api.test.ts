import { describe, expect, it } from "vitest";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { clusterApiSource as source } from "./index.ts";

const UID = "007d2e9e-03cd-4c03-9d85-685df69bfa09";
const NODE_UID = "b7442ca5-d065-4a2d-b646-043bbb8e8786";
const at = (time: string) => `2026-11-22T${time}Z`;
const condition = (type: string, status: string, reason?: string, more: object = {}) => ({
  type,
  status,
  reason,
  lastTransitionTime: at("11:30:00"),
  ...more,
});
const machine = (conditions: object[], { metadata = {}, spec = {}, status = {} } = {}) => ({
  apiVersion: "cluster.x-k8s.io/v1beta2",
  kind: "Machine",
  metadata: { name: "m-1", uid: UID, creationTimestamp: at("11:00:00"), ...metadata },
  spec,
  status: { conditions, ...status },
});
const joined = { status: { nodeRef: { name: "worker-7" } } };
const DISCOVERED = "provisioning.discovered pending -";

describe("machines", () => {
  it.each([
    [condition("InfrastructureReady", "True"), {}, "provisioning.image_completed success -"],
    [condition("InfrastructureReady", "False"), {}, "provisioning.image_started pending -"],
    [
      condition("InfrastructureReady", "False", "CreateFailed", { severity: "Error" }),
      {},
      "provisioning.image_failed failure image_failed",
    ],
    [condition("InfrastructureReady", "False"), joined, "node.health_changed failure unknown"],
    [
      condition("InfrastructureReady", "False"),
      { spec: { providerID: "aws:///a/i" } },
      "node.health_changed failure unknown",
    ],
    [condition("NodeReady", "True"), joined, "node.ready success -"],
    [condition("NodeReady", "False"), joined, "node.not_ready failure unknown"],
    [condition("NodeReady", "Unknown"), joined, "node.not_ready failure timeout"],
    [condition("NodeHealthy", "False"), joined, "node.health_changed failure unknown"],
    [condition("NodeHealthy", "True"), joined, "node.health_changed success -"],
    [condition("HealthCheckSucceeded", "True"), {}, "node.health_changed success -"],
    [condition("HealthCheckSucceeded", "False", "UnhealthyNode"), {}, "node.health_changed failure unknown"],
    [
      condition("HealthCheckSucceeded", "False", "NodeStartupTimeout"),
      {},
      "enrollment.failed failure timeout",
    ],
    [
      condition("OwnerRemediated", "False", "WaitingForRemediation"),
      {},
      "remediation.external_started pending -",
    ],
    [
      condition("OwnerRemediated", "False", "CannotBeRemediated"),
      {},
      "remediation.external_blocked denied quorum_guard",
    ],
    [
      condition("OwnerRemediated", "False", "RemediationDeferred"),
      {},
      "remediation.external_blocked denied quorum_guard",
    ],
    [
      condition("OwnerRemediated", "False", "InternalError"),
      {},
      "remediation.external_failed failure unknown",
    ],
    [condition("OwnerRemediated", "True", "MachineDeleting"), {}, "remediation.external_succeeded success -"],
    [
      condition("ExternallyRemediated", "False", "RemediationTemplateNotFound"),
      {},
      "remediation.external_failed failure unknown",
    ],
    [condition("ExternalRemediationRequestAvailable", "True"), {}, "remediation.external_started pending -"],
    [
      condition("ExternalRemediationTemplateAvailable", "False"),
      {},
      "remediation.external_failed failure unknown",
    ],
    [condition("DrainingSucceeded", "True"), joined, "node.drained success -"],
    [
      condition("DrainingSucceeded", "False", "DrainingFailed", {
        severity: "Warning",
        message: "violate the pod's disruption budget",
      }),
      joined,
      "node.drained failure drain_blocked_pdb",
    ],
    [
      condition("Deleting", "True", "InternalError"),
      {},
      "provisioning.deprovision_failed failure upstream_error",
    ],
  ])("maps %j of %j", async (one, rest, summary) => {
    expect(await summariesOf(source, machine([one], rest))).toEqual([DISCOVERED, summary]);
  });

  it.each([
    [condition("NodeReady", "False", "NodeDoesNotExist"), {}],
    [condition("NodeReady", "Unknown"), {}],
    [condition("NodeHealthy", "False", "WaitingForNodeRef"), {}],
    [condition("HealthCheckSucceeded", "Unknown"), {}],
    [condition("HealthCheckSucceeded", "False", "HasRemediateAnnotation"), {}],
    [condition("OwnerRemediated", "Unknown"), {}],
    [condition("ExternalRemediationTemplateAvailable", "True"), {}],
    [condition("DrainingSucceeded", "False", "Draining", { severity: "Info" }), joined],
    [condition("Deleting", "True", "DrainingNode"), {}],
    [condition("BootstrapConfigReady", "True"), {}],
    [condition("toString", "True"), {}],
  ])("makes nothing of %j of %j", async (one, rest) => {
    expect(await summariesOf(source, machine([one], rest))).toEqual([DISCOVERED]);
  });

  it("takes the end of a machine for its end, not for trouble with its infrastructure", async () => {
    const deleting = { metadata: { deletionTimestamp: at("11:50:00") }, ...joined };
    const events = await eventsOf(
      source,
      machine([condition("InfrastructureReady", "False", "Deleted")], deleting),
    );
    expect(events.map(({ type }) => type)).toEqual([
      "provisioning.discovered",
      "provisioning.deprovision_started",
    ]);
    expect(events[1]?.occurredAtMs).toBe(Date.parse(at("11:50:00")));
    const gone = { type: "DELETED", object: machine([], deleting) };
    expect(await summariesOf(source, gone)).toEqual(["provisioning.deprovision_completed success -"]);
  });

  it("prefers the newer conditions where both are served", async () => {
    const both = machine([condition("NodeHealthy", "False")], {
      status: { nodeRef: { name: "w" }, v1beta2: { conditions: [condition("NodeReady", "True")] } },
    });
    expect(await summariesOf(source, both)).toEqual([DISCOVERED, "node.ready success -"]);
  });

  it("knows who the machine is", async () => {
    const status = {
      nodeRef: { name: "worker-7", uid: NODE_UID },
      nodeInfo: { systemUUID: "98F211E9-0000-0000-AC5E-AC87A33863C5" },
      providerStatus: { instanceId: "i-0cd82d8f2139bfe5e" },
      addresses: [
        { type: "InternalIP", address: "10.0.0.4" },
        { type: "InternalDNS", address: "w.internal" },
      ],
    };
    const [first] = await eventsOf(source, machine([], { spec: { providerID: "xxxxxxxx" }, status }));
    expect(first?.identities).toEqual([
      { kind: "machine_uid", value: UID },
      { kind: "k8s_node_uid", value: NODE_UID },
      { kind: "system_uuid", value: "98F211E9-0000-0000-AC5E-AC87A33863C5" },
      { kind: "cloud_instance", value: "i-0cd82d8f2139bfe5e" },
      { kind: "k8s_node_name", value: "worker-7" },
      { kind: "ip", value: "10.0.0.4" },
      { kind: "hostname", value: "w.internal" },
    ]);
    expect(first?.displayName).toBe("worker-7");
  });

  it("reads OpenShift's machines alike, with the failures of their provider", async () => {
    const failed = condition("MachineCreation", "False", "MachineCreationFailed", { message: "no quota" });
    const openshift = {
      ...machine([], { status: { providerStatus: { conditions: [failed] } } }),
      apiVersion: "machine.openshift.io/v1beta1",
    };
    const [, image] = await eventsOf(source, openshift);
    expect(image).toMatchObject({
      type: "provisioning.image_failed",
      reasonText: "MachineCreationFailed: no quota",
    });
  });
});

describe("health checks, remediations and events", () => {
  const event = (reason: string, kind = "Machine", message = "m") => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { uid: NODE_UID },
    involvedObject: { kind, name: "m-1", uid: UID },
    reason,
    message,
    lastTimestamp: at("11:00:00"),
  });

  it.each([
    [event("SuccessfulSetNodeRef"), "node.registered success -"],
    [event("SuccessfulDrainNode"), "node.drained success -"],
    [event("FailedDrainNode"), "node.drained failure unknown"],
    [event("FailedDrainNode", "Machine", "Disruption Budget"), "node.drained failure drain_blocked_pdb"],
    [event("MachineMarkedUnhealthy"), "remediation.external_started pending -"],
  ])("maps %j and names the machine", async (one, summary) => {
    expect(await summariesOf(source, one)).toEqual([summary]);
    expect((await eventsOf(source, one))[0]?.identities).toEqual([{ kind: "machine_uid", value: UID }]);
  });

  it("tells that a fuse has blown, about no machine", async () => {
    const events = await eventsOf(source, event("RemediationRestricted", "MachineHealthCheck"));
    expect(events).toMatchObject([
      { type: "remediation.external_blocked", reasonCode: "fuse_blown", identities: [], displayName: null },
    ]);
    const check = (reason: string, status = "False") => ({
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "MachineHealthCheck",
      metadata: { name: "workers", uid: UID },
      status: { conditions: [condition("RemediationAllowed", status, reason)] },
    });
    expect(await summariesOf(source, check("TooManyUnhealthy"))).toEqual([
      "remediation.external_blocked denied fuse_blown",
    ]);
    expect(await summariesOf(source, check("InternalError"))).toEqual([
      "remediation.external_blocked denied unknown",
    ]);
    expect(await summariesOf(source, check("X", "True"))).toEqual([]);
  });

  it("follows a reboot by Metal3 and does not invent when it gave up", async () => {
    const remediation = (status: object) => ({
      apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
      kind: "Metal3Remediation",
      metadata: {
        uid: NODE_UID,
        creationTimestamp: at("11:00:00"),
        ownerReferences: [{ kind: "Machine", name: "m-1", uid: UID }],
      },
      status,
    });
    const started = "remediation.external_started pending -";
    const failed = { phase: "Failed", lastRemediated: at("11:10:00") };
    expect(await summariesOf(source, remediation(failed))).toEqual([
      started,
      "remediation.external_failed failure unknown",
    ]);
    expect(await summariesOf(source, remediation({ phase: "Failed" }))).toEqual([started]);
    expect(
      await summariesOf(source, remediation({ phase: "Waiting", lastRemediated: at("11:10:00") })),
    ).toEqual([started]);
    expect((await eventsOf(source, remediation({})))[0]?.identities).toEqual([
      { kind: "machine_uid", value: UID },
    ]);
  });

  it("ignores what is about something else", async () => {
    const others = [
      event("SuccessfulCreate"),
      event("SuccessfulDrainNode", "Pod"),
      event("valueOf"),
      { ...machine([]), kind: "Cluster" },
    ];
    expect(await interpretAll(source, others)).toEqual({ items: [], rejections: [] });
  });
});
