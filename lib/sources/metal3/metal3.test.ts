import { describe, expect, it } from "vitest";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { metal3Source as source } from "./index.ts";

const UID = "73c01ec4-5438-4b50-a49d-4cc4633b2ccb";
const at = (time: string) => `2026-11-22T${time}Z`;
const host = (status: object, metadata: object = {}) => ({
  apiVersion: "metal3.io/v1alpha1",
  kind: "BareMetalHost",
  metadata: { name: "host-7", uid: UID, creationTimestamp: at("09:00:00"), ...metadata },
  spec: { bmc: { address: "ipmi://root:calvin@192.0.2.40" }, bootMACAddress: "02:00:5e:00:53:07" },
  status,
});
const history = (operationHistory: object, more: object = {}, metadata: object = {}) =>
  host({ operationHistory, ...more }, metadata);
const span = (start: string | null, end: string | null) => ({
  start: start && at(start),
  end: end && at(end),
});
const typesOf = async (document: object) =>
  (await eventsOf(source, document)).slice(1).map(({ type }) => type);

describe("hosts", () => {
  it("gives start and end of every operation", async () => {
    const events = await eventsOf(
      source,
      history({
        register: span("09:00:10", "09:00:20"),
        inspect: span("09:00:21", "09:04:00"),
        provision: span("09:10:00", "09:16:33"),
        deprovision: span("10:00:00", "10:05:00"),
      }),
    );
    expect(
      events.map(({ type, occurredAtMs }) => [type, new Date(occurredAtMs).toISOString().slice(11, 19)]),
    ).toEqual([
      ["provisioning.discovered", "09:00:00"],
      ["provisioning.registered", "09:00:20"],
      ["provisioning.inspection_started", "09:00:21"],
      ["provisioning.inspection_completed", "09:04:00"],
      ["provisioning.image_started", "09:10:00"],
      ["provisioning.image_completed", "09:16:33"],
      ["provisioning.deprovision_started", "10:00:00"],
      ["provisioning.deprovision_completed", "10:05:00"],
    ]);
    expect(events[5]?.externalId).toBe(`${UID}:provision:2026-11-22T09:10:00.000Z:end`);
    expect(events[5]?.outcome).toBe("success");
  });

  it("does not end what has not ended, or what was started again since", async () => {
    expect(await typesOf(history({ inspect: span("09:00:21", null), provision: span(null, null) }))).toEqual([
      "provisioning.inspection_started",
    ]);
    expect(await typesOf(history({ provision: span("09:20:00", "09:10:00") }))).toEqual([
      "provisioning.image_started",
    ]);
    expect(await typesOf(history({ provision: { start: "0001-01-01T00:00:00Z", end: "soon" } }))).toEqual([]);
  });

  it("does not call it a success when provisioning turned into deprovisioning, or deletion cut it off", async () => {
    const turned = history({ provision: span("10:00:00", "10:10:00"), deprovision: span("10:10:00", null) });
    expect(await typesOf(turned)).toEqual(["provisioning.image_started", "provisioning.deprovision_started"]);
    const cut = history({ inspect: span("10:00:00", "10:10:00") }, {}, { deletionTimestamp: at("10:09:00") });
    expect(await typesOf(cut)).toEqual(["provisioning.inspection_started"]);
  });

  it.each([
    ["inspection error", "inspecting", "provisioning.inspection_failed failure inspection_failed"],
    ["provisioning error", "provisioning", "provisioning.image_failed failure image_failed"],
    ["provisioning error", "deprovisioning", "provisioning.deprovision_failed failure wipe_failed"],
    ["registration error", "registering", "node.health_changed failure bmc_unreachable"],
    ["power management error", "provisioned", "node.health_changed failure power_failed"],
    ["preparation error", "preparing", "node.health_changed failure unknown"],
    ["servicing error", "provisioned", "node.health_changed failure unknown"],
    ["constructor", "provisioned", "node.health_changed failure unknown"],
  ])("maps %s while %s", async (errorType, state, summary) => {
    const status = {
      errorType,
      errorCount: 2,
      errorMessage: "why",
      lastUpdated: at("11:00:00"),
      provisioning: { state },
    };
    expect((await summariesOf(source, host(status)))[1]).toBe(summary);
    const [, failure] = await eventsOf(source, host(status));
    expect(failure).toMatchObject({
      reasonText: "why",
      externalId: `${UID}:${errorType}:2:2026-11-22T11:00:00.000Z`,
    });
  });

  it("refuses a failure without a time, and keeps the rest", async () => {
    const { items, rejections } = await interpretAll(source, [host({ errorType: "inspection error" })]);
    expect([items.length, rejections.length]).toEqual([1, 1]);
  });

  it("knows the hardware, and no placeholder for it", async () => {
    const hardware = {
      hostname: "node-0",
      systemVendor: { serialNumber: "JX-20431" },
      nics: [{ mac: "00:55:4a:4a:79:1c", ip: "172.22.0.83" }],
    };
    const [first] = await eventsOf(source, host({ hardware }));
    expect(first?.identities).toEqual([
      { kind: "custom", value: `metal3/${UID}` },
      { kind: "serial", value: "JX-20431" },
      { kind: "hostname", value: "node-0" },
      { kind: "mac", value: "02:00:5e:00:53:07" },
      { kind: "mac", value: "00:55:4a:4a:79:1c" },
      { kind: "ip", value: "172.22.0.83" },
    ]);
    const [vm] = await eventsOf(source, host({ hardware: { systemVendor: { serialNumber: "" } } }));
    expect(vm?.identities.map(({ kind }) => kind)).toEqual(["custom", "mac"]);
  });

  it("does not store the controller's address, which may carry a password", async () => {
    const { items } = await interpretAll(source, [
      host({}, { annotations: { "baremetalhost.metal3.io/status": "{}" } }),
    ]);
    expect(new TextDecoder().decode(items[0]?.raw)).not.toMatch(/calvin|metal3\.io\/status/);
  });

  it("tells that a host left the inventory", async () => {
    expect(await summariesOf(source, { type: "DELETED", object: host({}) })).toEqual([
      "node.removed success -",
    ]);
  });
});

describe("firmware and events", () => {
  it("tells of firmware that was flashed, on the host that owns it", async () => {
    const components = [
      { component: "bios", initialVersion: "1.2", lastVersionFlashed: "1.3", updatedAt: at("10:40:00") },
      { component: "bmc", initialVersion: "5.0", updatedAt: at("10:40:00") },
      { component: "nic", lastVersionFlashed: "2" },
    ];
    const firmware = (owners: object[]) => ({
      apiVersion: "metal3.io/v1alpha1",
      kind: "HostFirmwareComponents",
      metadata: { uid: "73c01ec4-5438-4b50-a49d-4cc4633b2ccc", ownerReferences: owners },
      status: { components },
    });
    const owner = { kind: "BareMetalHost", uid: UID };
    expect(await eventsOf(source, firmware([owner]))).toMatchObject([
      {
        type: "provisioning.hardware_changed",
        reasonText: "bios 1.2 → 1.3",
        identities: [{ value: `metal3/${UID}` }],
      },
    ]);
    expect((await eventsOf(source, firmware([])))[0]?.identities).toEqual([]);
    expect((await eventsOf(source, firmware([owner, { ...owner, uid: "other" }])))[0]?.identities).toEqual(
      [],
    );
  });

  it.each([
    ["Registered", "provisioning.registered success -"],
    ["BMCCredentialError", "node.health_changed failure bmc_unreachable"],
    ["InspectionComplete", "provisioning.inspection_completed success -"],
    ["ProvisioningStarted", "provisioning.image_started pending -"],
    ["ProvisioningComplete", "provisioning.image_completed success -"],
    ["DeprovisioningComplete", "provisioning.deprovision_completed success -"],
    ["PowerOn", "node.health_changed info -"],
    ["PowerOff", "node.not_ready info -"],
  ])("maps event %s", async (reason, summary) => {
    const event = (kind: string) => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { uid: UID },
      involvedObject: { kind, name: "host-7", uid: UID },
      reason,
      lastTimestamp: at("11:00:00"),
    });
    expect(await summariesOf(source, event("BareMetalHost"))).toEqual([summary]);
    expect(await summariesOf(source, event("Node"))).toEqual([]);
  });
});
