/** Kubernetes: certificate requests, nodes and events, as objects, lists, lines or a watch gives them. */
import type { Source } from "#lib/sources/contract";
import { type Draft, draftOf } from "#lib/sources/shared/batch";
import {
  conditionId,
  conditionsOf,
  type KubeObject,
  kubeSource,
  wordsOf,
} from "#lib/sources/shared/kube-object";
import { readBootstrapToken } from "./bootstrap-token.ts";
import { digestOfRequest, readCsr } from "./csr.ts";
import { readNode } from "./node.ts";
import { readNodeEvent } from "./node-event.ts";

/** How nodes enroll, join, fail and leave. A member of a cluster is not for that reason trusted. */
export const kubernetesSource: Source = kubeSource({
  kind: "kubernetes",
  label: "Kubernetes API objects",
  guide: "connect-kubernetes",
  readers: {
    "certificates.k8s.io/CertificateSigningRequest": readCsr,
    "/Node": readNode,
    "/Event": readNodeEvent,
    "events.k8s.io/Event": readNodeEvent,
    "/Secret": readBootstrapToken,
    "remediation.medik8s.io/NodeHealthCheck": readNodeHealthCheck,
  },
  redactions: [["spec", "request"], ["data"], ["stringData"]],
  replace: (value, path) => (path.join(".") === "spec.request" ? digestOfRequest(value) : undefined),
});

/** Too many nodes failing at once: remediation stops until somebody has looked. */
function readNodeHealthCheck(object: KubeObject): readonly Draft[] {
  return conditionsOf(object.value, "status", "conditions")
    .filter(({ type, status }) => type === "StormActive" && status === "True")
    .map((condition) =>
      draftOf({
        externalId: conditionId(object, condition),
        type: "remediation.external_blocked",
        outcome: "denied",
        reasonCode: "storm_active",
        reasonText: wordsOf(condition),
        occurredAtMs: condition.changedAtMs,
        actor: { kind: "controller", id: object.name, address: null },
        standing: true,
      }),
    );
}
