/** What a Kubernetes API server asks: about which node, and what for. */
import type { AdmissionPurpose } from "./admission.ts";
import type { NodeIdentity } from "./verdict.ts";

/** The members of a review that a question is made of; objects are whatever the sender wrote. */
export type ReviewRequest = {
  resource: { group: string; resource: string };
  subResource?: string | undefined;
  operation: string;
  name?: string | undefined;
  object?: unknown;
  oldObject?: unknown;
};

/** By which names and proofs a node is looked for. */
export type NodeClaim = { name: string | null; identities: readonly NodeIdentity[] };

/**
 * `ask` = somebody must be judged; `pass` = nothing that admission is about happens; `refuse` = the claim contradicts
 * itself; `unasked` = a kind of request that is not decided here, which means the webhook is set up wrongly.
 */
export type ReviewQuestion =
  | { kind: "ask"; purpose: AdmissionPurpose; claim: NodeClaim; operation: string }
  | { kind: "pass" }
  | { kind: "refuse"; claim: NodeClaim; why: string; operation: string }
  | { kind: "unasked"; why: string };

/** Our own taint: whoever takes it off lets the node have work again. */
export const QUARANTINE_TAINT = "touchstone.dev/quarantine";
const NODE_USER = "system:node:";
const KUBELET_SIGNERS: readonly unknown[] = [
  "kubernetes.io/kube-apiserver-client-kubelet",
  "kubernetes.io/kubelet-serving",
];

/** @param commonNameOf reads the common name out of a certificate request; `null` when there is none */
export function reviewQuestion(
  request: ReviewRequest,
  commonNameOf: (csr: string) => string | null,
): ReviewQuestion {
  const { resource, subResource = "", operation } = request;
  const about = [resource.resource, subResource].filter(Boolean).join("/");
  switch (`${operation} ${resource.group} ${about}`) {
    case "CREATE  nodes":
      return ask("join", nodeClaim(request.object), "node registration");
    case "UPDATE  nodes":
      return reopens(request)
        ? ask("work", nodeClaim(request.object), "node opened for work")
        : { kind: "pass" };
    case "CREATE certificates.k8s.io certificatesigningrequests":
      return csrQuestion(request.object, "certificate request", commonNameOf);
    case "UPDATE certificates.k8s.io certificatesigningrequests/approval":
      return approves(request)
        ? csrQuestion(request.object, "certificate approval", commonNameOf)
        : { kind: "pass" };
    case "CREATE  pods/binding":
    case "CREATE  bindings":
      return ask("work", named(textAt(request.object, "target", "name")), "pod binding");
    case "CREATE  pods": {
      // Whoever names the node by hand goes around the scheduler and its bindings.
      const node = textAt(request.object, "spec", "nodeName");
      return node === null ? { kind: "pass" } : ask("work", named(node), "pod on a named node");
    }
    default:
      return {
        kind: "unasked",
        why: `${operation} of ${about} is not decided here: narrow the webhook's rules`,
      };
  }
}

function ask(purpose: AdmissionPurpose, claim: NodeClaim, operation: string): ReviewQuestion {
  return { kind: "ask", purpose, claim, operation };
}

const named = (name: string | null): NodeClaim => ({ name, identities: [] });

function nodeClaim(object: unknown): NodeClaim {
  const found: [NodeIdentity["kind"], string | null][] = [
    ["k8s_node_uid", textAt(object, "metadata", "uid")],
    ["provider_id", textAt(object, "spec", "providerID")],
    ["system_uuid", textAt(object, "status", "nodeInfo", "systemUUID")],
  ];
  const identities = found.flatMap(([kind, value]) => (value === null ? [] : [{ kind, value }]));
  return { name: textAt(object, "metadata", "name"), identities };
}

/** Whether the update lets the node have work that it could not have before. */
function reopens({ object, oldObject }: ReviewRequest): boolean {
  const closed = (node: unknown) => membersOf(membersOf(node).spec).unschedulable === true;
  const tainted = (node: unknown) => {
    const { taints } = membersOf(membersOf(node).spec);
    return Array.isArray(taints) && taints.some((taint) => textAt(taint, "key") === QUARANTINE_TAINT);
  };
  return (closed(oldObject) && !closed(object)) || (tainted(oldObject) && !tainted(object));
}

function approves({ object, oldObject }: ReviewRequest): boolean {
  const approved = (csr: unknown) => {
    const { conditions } = membersOf(membersOf(csr).status);
    return Array.isArray(conditions) && conditions.some((one) => textAt(one, "type") === "Approved");
  };
  return approved(object) && !approved(oldObject);
}

/** A request for a node's certificate. Those of others are none of our business. */
function csrQuestion(
  object: unknown,
  operation: string,
  commonNameOf: (csr: string) => string | null,
): ReviewQuestion {
  const requester = textAt(object, "spec", "username");
  const request = textAt(object, "spec", "request");
  const subject = request === null ? null : nodeOfUser(commonNameOf(request));
  if (subject === null && !KUBELET_SIGNERS.includes(membersOf(membersOf(object).spec).signerName))
    return { kind: "pass" };
  const asker = nodeOfUser(requester);
  const claim = named(subject ?? asker);
  if (subject !== null && asker !== null && subject !== asker)
    return { kind: "refuse", claim, why: `${asker} asks for a certificate of ${subject}`, operation };
  return ask("join", claim, operation);
}

function nodeOfUser(user: string | null): string | null {
  return user?.startsWith(NODE_USER) && user.length > NODE_USER.length ? user.slice(NODE_USER.length) : null;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The text at a place; `null` when there is none, or an empty one. */
function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = path.reduce<unknown>((at, key) => membersOf(at)[key], value);
  return typeof found === "string" && found !== "" ? found : null;
}
