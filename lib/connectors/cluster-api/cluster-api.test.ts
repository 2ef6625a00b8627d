import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterApiRig, HEALTH_CHECKS, MACHINES } from "#tests/stubs/connectors/cluster-api";
import { type Rig, rigContext, rigNode } from "#tests/stubs/connectors/rig";
import type { KubeFake, KubeObject } from "#tests/stubs/kubernetes";

const { connector } = clusterApiRig;
const SKIP = "cluster.x-k8s.io/skip-remediation";
let rig: Rig;
let fake: KubeFake;
let machine: KubeObject;
let memory: Map<string, unknown>;

beforeEach(async () => {
  rig = await clusterApiRig.start();
  fake = rig.fake as KubeFake;
  memory = new Map();
  const found = fake.find(MACHINES, "w1");
  if (!found) throw new Error("no machine");
  machine = found;
});
afterEach(() => fake.close());
const ctx = () => rigContext(clusterApiRig, rig, memory);
const target = (identities: Record<string, string> = { k8s_node_name: "w1.example" }) => {
  const found = connector.targetOf(rigNode("w1", identities), connector.settings.parse(rig.settings));
  if (!found) throw new Error("no target");
  return found;
};
const refusal = (verb: string) =>
  connector.start(ctx(), target(), verb, "k").then(
    () => "started",
    (error: Error) => error.message,
  );

describe("a hold", () => {
  it("leaves a mark alone that somebody else had set before", async () => {
    machine.metadata.annotations = { [SKIP]: "theirs" };
    await connector.start(ctx(), target(), "hold", "k");
    await connector.start(ctx(), target(), "unhold", "k2");
    expect(Object.keys(machine.metadata.annotations)).toEqual([SKIP]);
  });

  it("takes its own mark away", async () => {
    await connector.start(ctx(), target(), "hold", "k");
    await connector.start(ctx(), target(), "unhold", "k2");
    expect(machine.metadata.annotations).toEqual({});
  });
});

describe("a replacement", () => {
  it("is not begun a second time on the machine that took the place, of the same name and node", async () => {
    await connector.start(ctx(), target(), "remediate", "k");
    fake.remove(MACHINES, "w1");
    fake.add(MACHINES, "w1", {
      metadata: {
        uid: "another",
        labels: machine.metadata.labels,
        ownerReferences: machine.metadata.ownerReferences ?? [],
      },
      spec: machine.spec,
      status: machine.status,
    });
    const made = fake.effects.length;
    expect((await connector.observe(ctx(), target(), "remediate", "k")).state).toBe("done");
    expect(await connector.start(ctx(), target(), "remediate", "k")).toMatchObject({ again: true });
    expect(fake.effects).toHaveLength(made);
  });

  it("waits for nobody who would act on it", async () => {
    fake.remove(HEALTH_CHECKS, "workers");
    expect(await refusal("remediate")).toContain("A MachineHealthCheck selects it");
    machine.metadata.ownerReferences = [];
    expect(await refusal("remediate")).toContain("A controller replaces it");
    expect(fake.effects).toEqual([]);
  });

  it("does not start while a hold is on, which a preview only tells: a step before may let go", async () => {
    machine.metadata.annotations = { [SKIP]: "true" };
    const preview = await connector.preview(ctx(), target(), "remediate");
    expect(preview.ok).toBe(true);
    expect(preview.checks.find(({ name }) => name === "No hold on remediation")?.ok).toBe(false);
    expect(await refusal("remediate")).toContain("No hold on remediation");
  });

  it("keeps etcd's quorum: two members of three must stay, and one control-plane machine at a time", async () => {
    const label = { "cluster.x-k8s.io/control-plane": "" };
    machine.metadata.labels = { ...label, pool: "workers" };
    const spec = { clusterName: "prod" };
    const health = (status: string) => ({ conditions: [{ type: "EtcdMemberHealthy", status }] });
    const first = fake.add(MACHINES, "cp1", { metadata: { labels: label }, spec, status: health("True") });
    fake.add(MACHINES, "cp2", { metadata: { labels: label }, spec, status: health("False") });
    expect(await refusal("remediate")).toContain("etcd keeps its quorum");
    Object.assign(fake.find(MACHINES, "cp2") ?? {}, { status: health("True") });
    first.metadata.deletionTimestamp = "2026-06-01T00:00:00Z";
    expect(await refusal("remediate")).toContain("No control-plane machine is being deleted");
    delete first.metadata.deletionTimestamp;
    expect(await refusal("remediate")).toBe("started");
  });

  it("is refused when the node names more than one machine", async () => {
    fake.add(MACHINES, "twin", {
      spec: { clusterName: "prod" },
      status: { nodeRef: { name: "w1.example" } },
    });
    expect(await refusal("remediate")).toContain("more than one machine");
  });
});
