import { describe, expect, it } from "vitest";
import { FEED_SAMPLES } from "#tests/feed-samples";
import { ocsfFaults } from "#tests/ocsf-shape";
import { OCSF_VERSIONS } from "./event.ts";
import { inventoryOf } from "./inventory.ts";
import { ocsfOf } from "./of-item.ts";

describe.each(OCSF_VERSIONS)("an event of OCSF %s", (version) => {
  const emitter = { version, productVersion: "1.0.0", url: "https://touchstone.example" };

  it("has the shape of its class, whatever the fact is", () => {
    for (const item of FEED_SAMPLES) {
      const event = ocsfOf(item, emitter);
      expect(event && ocsfFaults(event), JSON.stringify(item.fact)).toEqual([]);
    }
  });

  it("carries the id and the place of its fact, which receivers know a repetition by", () => {
    for (const item of FEED_SAMPLES) {
      const event = ocsfOf(item, emitter);
      expect(event?.metadata).toMatchObject({ uid: item.id, sequence: item.seq, version });
    }
  });
});

it("says where an audit entry stands in the log from 1.9 on, and not before", () => {
  const item = FEED_SAMPLES.find(({ fact }) => fact.kind === "audit");
  if (!item) throw new Error("no sample");
  const event = (version: "1.8.0" | "1.9.0") => ocsfOf(item, { version, productVersion: "1", url: null });
  expect(event("1.8.0")).not.toHaveProperty("attestation_list");
  expect(event("1.9.0")).toMatchObject({
    metadata: { profiles: ["record_integrity"] },
    attestation_list: [{ fingerprint: { algorithm_id: 3, value: "ab".repeat(32) } }],
  });
});

it("says nothing about a node that a fact does not name", () => {
  const [first] = FEED_SAMPLES;
  if (!first) throw new Error("no sample");
  expect(ocsfOf({ ...first, node: null }, { version: "1.8.0", productVersion: "1", url: null })).toBeNull();
});

it("lists a node as a device", () => {
  const listed = {
    ...{
      trustDomainId: "d",
      nodeId: "n",
      name: "rack-1",
      status: "trusted",
      reason: "ok",
      lifecycle: "trusted",
    },
    ...{ firstSeenMs: 1, sinceMs: 2 },
  };
  const event = inventoryOf(listed, 3, { version: "1.8.0", productVersion: "1", url: null });
  expect(ocsfFaults(event)).toEqual([]);
});

it("finds what is wrong with an event", () => {
  const [item] = FEED_SAMPLES;
  const event = item && ocsfOf(item, { version: "1.8.0", productVersion: "1", url: null });
  if (!event) throw new Error("no sample");
  const { device: _device, ...without } = event;
  expect(ocsfFaults(without)).toContain("device.type_id is missing");
  expect(ocsfFaults({ ...event, type_uid: 1 })).toContain("type_uid is 1");
  expect(ocsfFaults({ ...event, security_level_id: 9 })).toContain("security_level_id is 9");
  expect(ocsfFaults({ ...event, colour: "red" })).toContain("colour is no member");
});
