/** A cluster with two bare-metal hosts, and what its operator does with them. */
import { metal3Connector } from "#lib/connectors/metal3/index";
import { startKubernetes } from "#tests/stubs/kubernetes";
import { CANARY, NODE_UID, type RigMaker, rigNode } from "./rig.ts";

export const HOSTS = "/apis/metal3.io/v1alpha1/namespaces/metal/baremetalhosts";

export const metal3Rig: RigMaker = {
  connector: metal3Connector,
  readsAnswers: true,
  async start() {
    const fake = await startKubernetes(CANARY);
    const host = fake.add(HOSTS, "rack1-07", {
      metadata: { uid: NODE_UID },
      spec: { online: true, image: { url: "https://images.example/os.raw", checksum: "sha256:0" } },
      status: { poweredOn: true, operationalStatus: "OK", provisioning: { state: "provisioned" } },
    });
    fake.add(HOSTS, "rack1-08", { spec: { online: true } });
    const asSpec = () => host.spec as { online: boolean; image?: object };
    const setStatus = (poweredOn: boolean, state: string) => {
      host.status = { poweredOn, operationalStatus: "OK", provisioning: { state } };
    };
    return {
      fake,
      settings: { url: fake.url, namespace: "metal" },
      secrets: { token: CANARY },
      node: rigNode("w1", { custom: `metal3/${NODE_UID}` }),
      stranger: rigNode("nobody", { custom: "metal3/3f0c8d2e-2222-4000-8000-000000000002" }),
      prepare(verb) {
        if (verb !== "power_on") return;
        host.spec = { ...asSpec(), online: false };
        setStatus(false, "provisioned");
      },
      settle() {
        const { online, image } = asSpec();
        setStatus(online, image === undefined ? "available" : "provisioned");
      },
    };
  },
};
