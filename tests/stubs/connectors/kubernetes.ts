/** A cluster with a node, its pods and its certificate request. */
import { kubernetesConnector } from "#lib/connectors/kubernetes/index";
import { startKubernetes } from "#tests/stubs/kubernetes";
import { CANARY, NODE_UID, type RigMaker, rigNode } from "./rig.ts";

const NODES = "/api/v1/nodes";
const PODS = "/api/v1/pods";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const MARK = "touchstone.dev/quarantine";

export const kubernetesRig: RigMaker = {
  connector: kubernetesConnector,
  readsAnswers: true,
  async start() {
    const fake = await startKubernetes(CANARY);
    const taints = [{ key: "theirs", effect: "NoSchedule" }];
    const node = fake.add(NODES, "w1.example", { metadata: { uid: NODE_UID }, spec: { taints } });
    const of = {
      namespace: "shop",
      ownerReferences: [{ kind: "ReplicaSet", name: "web", controller: true }],
    };
    const spec = { nodeName: "w1.example" };
    for (const name of ["web-1", "web-2", "web-3"]) fake.add(PODS, name, { metadata: of, spec });
    const daemon = {
      namespace: "sys",
      ownerReferences: [{ kind: "DaemonSet", name: "log", controller: true }],
    };
    fake.add(PODS, "log-1", { metadata: daemon, spec });
    fake.add(PODS, "elsewhere", { metadata: of, spec: { nodeName: "w2" } });
    const signerName = "kubernetes.io/kube-apiserver-client-kubelet";
    for (const name of ["w1.example", "other"]) {
      fake.add(REQUESTS, `csr-${name}`, {
        spec: { signerName, username: `system:node:${name}`, request: "" },
        status: {},
      });
    }
    fake.held.set("web-2", 2);
    return {
      fake,
      settings: { url: fake.url },
      secrets: { token: CANARY },
      node: rigNode("w1", { k8s_node_name: "w1.example", k8s_node_uid: NODE_UID }),
      stranger: rigNode("nobody", { k8s_node_name: "nobody" }),
      prepare(verb) {
        if (verb === "drain") node.spec = { taints, unschedulable: true };
        if (verb !== "untaint") return;
        const owner = { request: "earlier", by: "touchstone", at: "", cordonedBefore: false };
        node.metadata.annotations = { [MARK]: JSON.stringify(owner) };
        node.spec = { taints: [...taints, { key: MARK, effect: "NoSchedule" }], unschedulable: true };
      },
      settle: () => {},
    };
  },
};
