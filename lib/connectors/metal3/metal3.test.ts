import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOSTS, metal3Rig } from "#tests/stubs/connectors/metal3";
import { NODE_UID, type Rig, rigContext } from "#tests/stubs/connectors/rig";
import type { KubeFake, KubeObject } from "#tests/stubs/kubernetes";

const { connector } = metal3Rig;
const TARGET = { ref: `uid:${NODE_UID}`, words: "host", uid: NODE_UID };
const IMAGE = { url: "https://images.example/os.raw", checksum: "sha256:0" };
let rig: Rig;
let fake: KubeFake;
let host: KubeObject;
let memory: Map<string, unknown>;

beforeEach(async () => {
  rig = await metal3Rig.start();
  fake = rig.fake as KubeFake;
  memory = new Map();
  const found = fake.find(HOSTS, "rack1-07");
  if (!found) throw new Error("no host");
  host = found;
});
afterEach(() => fake.close());
const ctx = () => rigContext(metal3Rig, rig, memory);
const start = (verb: string) => connector.start(ctx(), TARGET, verb, "k");
const observe = (verb: string) => connector.observe(ctx(), TARGET, verb, "k");

describe("a new image", () => {
  it("is the old one, put back when the host is clean and not before", async () => {
    await start("reprovision");
    expect(host.spec).not.toHaveProperty("image");
    host.status = { provisioning: { state: "deprovisioning" } };
    expect(await observe("reprovision")).toMatchObject({ state: "running" });
    expect(await start("reprovision")).toMatchObject({ again: true });
    rig.settle("reprovision", memory);
    expect(await observe("reprovision")).toMatchObject({ state: "running", facts: { next: true } });
    await start("reprovision");
    expect(host.spec).toMatchObject({ image: IMAGE });
  });

  it("is refused while another controller uses the host, or nobody manages it, or it has none", async () => {
    host.spec = { online: true, image: IMAGE, consumerRef: { kind: "Metal3Machine", name: "m" } };
    await expect(start("reprovision")).rejects.toMatchObject({ kind: "refused" });
    host.spec = { online: true, image: IMAGE };
    host.metadata.annotations = { "baremetalhost.metal3.io/detached": "" };
    await expect(start("reprovision")).rejects.toMatchObject({ kind: "refused" });
    await expect(start("power_off")).rejects.toMatchObject({ kind: "refused" });
    host.metadata.annotations = {};
    host.spec = { online: true };
    await expect(start("reprovision")).rejects.toMatchObject({ kind: "refused" });
    expect(fake.effects).toEqual([]);
  });

  it("says in its preview that cleaning is no wipe, and that firmware stays", async () => {
    const { checks, ok } = await connector.preview(ctx(), TARGET, "reprovision");
    expect(ok).toBe(true);
    expect(checks.filter((check) => !check.ok).map(({ name }) => name)).toEqual([
      "Disks are wiped",
      "Firmware",
    ]);
  });

  it("that was forgotten is never guessed", async () => {
    await start("reprovision");
    rig.settle("reprovision", memory);
    memory.clear();
    await expect(start("reprovision")).rejects.toMatchObject({ kind: "refused", retry: false });
  });
});

describe("the power", () => {
  it("is off when the machine is, and not when it was asked for", async () => {
    await start("power_off");
    expect(await observe("power_off")).toMatchObject({ state: "running" });
    rig.settle("power_off", memory);
    expect(await observe("power_off")).toMatchObject({ state: "done", facts: { poweredOn: false } });
  });
});
