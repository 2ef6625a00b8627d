/** Kubernetes: keeps work away from a node, moves what runs there, and denies it new certificates. */

import { reviewAccess } from "#lib/connectors/shared/access-review";
import { identityOf } from "#lib/connectors/shared/http";
import { accessReview, isDryRun, isObjectName, KubeSecrets, kubeOf } from "#lib/connectors/shared/kubernetes";
import { connectorOf } from "#lib/connectors/shared/verbs";
import { drain } from "./drain.ts";
import { Settings } from "./node.ts";
import { evictable, podName, podsOn } from "./pods.ts";
import { denyRequests } from "./requests.ts";
import { taint, untaint } from "./taint.ts";

/** What the guide's ClusterRole grants. */
const RIGHTS = [
  accessReview("get", "", "nodes"),
  accessReview("patch", "", "nodes"),
  accessReview("list", "", "pods"),
  accessReview("create", "", "pods", "eviction"),
  accessReview("list", "certificates.k8s.io", "certificatesigningrequests"),
  accessReview("update", "certificates.k8s.io", "certificatesigningrequests", "approval"),
];

export const kubernetesConnector = connectorOf({
  kind: "kubernetes",
  label: "Kubernetes",
  guide: "connector-kubernetes",
  settings: Settings,
  secrets: KubeSecrets,
  isRehearsal: isDryRun,
  test: (ctx) => reviewAccess(kubeOf(ctx), RIGHTS),
  targetOf({ identities, name }) {
    const ref = identityOf(identities, ["k8s_node_name", "hostname"]) ?? name;
    if (!isObjectName(ref)) return null;
    return { ref, words: `node ${ref}`, uid: identityOf(identities, ["k8s_node_uid"]) };
  },
  workloads: async (ctx, target) => evictable(await podsOn(kubeOf(ctx), target)).map(podName),
  verbs: { taint, untaint, drain, deny_requests: denyRequests },
});
