/** A management cluster with a machine of a set, three control-plane machines and a health check. */
import { clusterApiConnector } from "#lib/connectors/cluster-api/index";
import { startKubernetes } from "#tests/stubs/kubernetes";
import { CANARY, NODE_UID, type RigMaker, rigNode } from "./rig.ts";

const GROUP = "/apis/cluster.x-k8s.io/v1beta2/namespaces/fleet";
export const MACHINES = `${GROUP}/machines`;
export const HEALTH_CHECKS = `${GROUP}/machinehealthchecks`;
const HOOK = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/touchstone";

export const clusterApiRig: RigMaker = {
  connector: clusterApiConnector,
  readsAnswers: true,
  async start() {
    const fake = await startKubernetes(CANARY);
    const spec = { clusterName: "prod", providerID: "aws:///i-1" };
    const owner = { kind: "MachineSet", name: "workers", controller: true };
    const machine = fake.add(MACHINES, "w1", {
      metadata: { uid: NODE_UID, labels: { pool: "workers" }, ownerReferences: [owner] },
      spec,
      status: { nodeRef: { name: "w1.example" } },
    });
    fake.add(MACHINES, "w2", { spec: { clusterName: "prod" } });
    fake.add(HEALTH_CHECKS, "workers", {
      spec: { clusterName: "prod", selector: { matchLabels: { pool: "workers" } } },
    });
    return {
      fake,
      settings: { url: fake.url, namespace: "fleet" },
      secrets: { token: CANARY },
      node: rigNode("w1", { machine_uid: NODE_UID }),
      stranger: rigNode("nobody", { machine_uid: "3f0c8d2e-2222-4000-8000-000000000002" }),
      prepare(verb) {
        if (verb !== "unhold") return;
        machine.metadata.annotations = {
          [HOOK]: "earlier",
          "touchstone.dev/hold": "earlier",
          "cluster.x-k8s.io/skip-remediation": "true",
        };
      },
      // Its owner deletes it, and makes another one of the same name.
      settle(verb) {
        if (verb !== "remediate" || fake.find(MACHINES, "w1")?.metadata.uid !== NODE_UID) return;
        fake.remove(MACHINES, "w1");
        fake.add(MACHINES, "w1", { metadata: { uid: "another" }, spec });
      },
    };
  },
};
