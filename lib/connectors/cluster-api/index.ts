/** Cluster API: holds a machine as evidence, or has it replaced. */
import { reviewAccess } from "#lib/connectors/shared/access-review";
import { identityOf } from "#lib/connectors/shared/http";
import { accessReview, isDryRun, KubeSecrets, kubeOf } from "#lib/connectors/shared/kubernetes";
import { connectorOf } from "#lib/connectors/shared/verbs";
import { hold, unhold } from "./hold.ts";
import { Settings } from "./machine.ts";
import { remediate } from "./remediate.ts";

const GROUP = "cluster.x-k8s.io";

export const clusterApiConnector = connectorOf({
  kind: "cluster-api",
  label: "Cluster API",
  guide: "connector-cluster-api",
  settings: Settings,
  secrets: KubeSecrets,
  isRehearsal: isDryRun,
  test: (ctx) =>
    reviewAccess(kubeOf(ctx), [
      accessReview("list", GROUP, "machines"),
      accessReview("patch", GROUP, "machines"),
      accessReview("list", GROUP, "machinehealthchecks"),
    ]),
  targetOf({ identities }) {
    const uid = identityOf(identities, ["machine_uid"]);
    if (uid) return { ref: `uid:${uid}`, words: `machine ${uid}`, uid };
    const provider = identityOf(identities, ["provider_id"]);
    if (provider) return { ref: `provider:${provider}`, words: `machine of ${provider}`, uid: null };
    const node = identityOf(identities, ["k8s_node_name"]);
    return node ? { ref: `node:${node}`, words: `machine of node ${node}`, uid: null } : null;
  },
  verbs: { hold, unhold, remediate },
});
