import { describe, expect, it } from "vitest";
import type { IdentityKind } from "#lib/domain/verdict";
import { identitiesOf } from "./identities.ts";

describe("identitiesOf", () => {
  it.each<[IdentityKind, string]>([
    ["system_uuid", "98F211E9-0000-0000-AC5E-AC87A33863C5"],
    ["k8s_node_uid", "3a554aa2-fee7-435b-ae1b-e67bdaac069a"],
    ["provider_id", "aws:///us-east-2a/i-0cd82d8f2139bfe5e"],
    ["provider_id", "metal3://metal3/host-7/worker-7"],
    ["serial", "JX-20431"],
    ["mac", "02:00:5e:00:53:07"],
    ["custom", "anything at all"],
  ])("keeps %s %s exactly", (kind, value) => {
    expect(identitiesOf([[kind, value]])).toEqual([{ kind, value }]);
  });

  it.each<[IdentityKind, string | null]>([
    ["system_uuid", null],
    ["system_uuid", ""],
    ["system_uuid", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    ["system_uuid", "00000000-0000-0000-0000-000000000000"],
    ["system_uuid", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"],
    ["system_uuid", "03000200-0400-0500-0006-000700080009"],
    ["k8s_node_uid", "worker-7"],
    ["machine_uid", "uidValue"],
    ["provider_id", "xxxxxxxxxxxxxxxxxxxxx"],
    ["provider_id", "aws://"],
    ["serial", "To Be Filled By O.E.M."],
    ["serial", "Default string"],
    ["serial", "0000000"],
    ["serial", "Not Specified"],
    ["serial", "123456789"],
    ["mac", "00:00:00:00:00:00"],
    ["mac", "machine-7"],
    ["hostname", "a\nb"],
    ["custom", "x".repeat(257)],
  ])("leaves out %s %j", (kind, value) => {
    expect(identitiesOf([[kind, value]])).toEqual([]);
  });

  it("names each identity once, in order, and not without end", () => {
    const same = ["hostname", "a"] as const;
    expect(identitiesOf([same, ["ip", "192.0.2.1"], same])).toEqual([
      { kind: "hostname", value: "a" },
      { kind: "ip", value: "192.0.2.1" },
    ]);
    expect(identitiesOf(Array.from({ length: 99 }, (_, n) => ["ip", `${n}`] as const))).toHaveLength(32);
  });
});
