/** CertificateSigningRequest: how a kubelet gets its certificates. */
import { X509Certificate } from "node:crypto";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { Credential } from "#lib/domain/credential";
import type { InterpretContext } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import {
  conditionsOf,
  isoOf,
  type KubeCondition,
  type KubeObject,
  wordsOf,
} from "#lib/sources/shared/kube-object";
import { listAt, textAt, timeAt } from "#lib/sources/shared/members";
import { clip, sha256Hex } from "#lib/sources/shared/text";
import { isStorableTime } from "#lib/sources/shared/window";
import { commonNameOf } from "./csr-subject.ts";

const NODE_PREFIX = "system:node:";
const KUBELET_SIGNERS: ReadonlySet<string> = new Set([
  "kubernetes.io/kube-apiserver-client-kubelet",
  "kubernetes.io/kubelet-serving",
]);
/** Bootstraps the nodes of OpenShift; it is in no bootstrappers' group. */
const OPENSHIFT_BOOTSTRAPPER = "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper";

/** What is left of a request: enough to compare it with another copy. */
export function digestOfRequest(request: unknown): string {
  return `sha256:${sha256Hex(typeof request === "string" ? request : JSON.stringify(request))}`;
}

/** What happened to a request. Names prove nothing, so the events belong to no node by themselves. */
export function readCsr(object: KubeObject, { nowMs }: InterpretContext): readonly Draft[] {
  const { value, uid } = object;
  const requester = textAt(value, "spec", "username");
  const signer = textAt(value, "spec", "signerName");
  const request = textAt(value, "spec", "request");
  const commonName = request === null ? null : commonNameOf(request);
  const subject = nodeNameOf(commonName);
  if (!KUBELET_SIGNERS.has(signer ?? "") && subject === null) return [];

  const bootstraps = isBootstrapper(requester, value);
  const isSelf = requester !== null && requester === commonName;
  const common = {
    identities: identitiesOf([["k8s_node_name", subject ?? nodeNameOf(requester)]]),
    displayName: subject ?? nodeNameOf(requester),
    actor: actorOf(requester, bootstraps),
    method: bootstraps ? "bootstrap_token" : isSelf ? "node_certificate" : null,
    requestId: object.name,
    standing: true,
  };
  const of = (externalId: string, fields: Omit<Parameters<typeof draftOf>[0], "externalId">) =>
    draftOf({ externalId: externalIdOf(uid, externalId), ...common, ...fields });

  const drafts = [
    of("created", { type: "enrollment.requested", outcome: "pending", occurredAtMs: object.createdAtMs }),
  ];
  if (subject !== null && requester !== null && !isSelf && !bootstraps) {
    drafts.push(
      of("anomaly", {
        type: "anomaly.identity",
        outcome: "info",
        reasonCode: "subject_mismatch",
        reasonText: `${requester} asks for a certificate of ${commonName}`,
        occurredAtMs: object.createdAtMs,
      }),
    );
  }
  const conditions = csrConditions(object);
  for (const condition of conditions) {
    const meaning = MEANINGS[condition.type];
    if (meaning === undefined || condition.status !== "True") continue;
    const failed = meaning.outcome !== "success";
    drafts.push(
      of(externalIdOf(condition.type, isoOf(condition.changedAtMs)), {
        ...meaning,
        reasonText: failed ? wordsOf(condition) : null,
        occurredAtMs: condition.changedAtMs,
      }),
    );
  }
  const certificate = textAt(value, "status", "certificate");
  if (certificate === null) return drafts;
  const credential = credentialOf(certificate);
  const approved = conditions.find(({ type }) => type === "Approved");
  drafts.push(
    of("issued", {
      type: isSelf ? "enrollment.credential_renewed" : "enrollment.credential_issued",
      outcome: "success",
      // No field says when it was issued, and notBefore is dated back; no earlier than its approval.
      occurredAtMs: approved?.changedAtMs ?? null,
      ...(credential && { credential }),
    }),
  );
  const notAfterMs = credential?.notAfterMs ?? null;
  if (notAfterMs !== null && notAfterMs <= nowMs) {
    drafts.push(
      of("expired", { type: "enrollment.credential_expired", outcome: "info", occurredAtMs: notAfterMs }),
    );
  }
  return drafts;
}

const MEANINGS: Readonly<Record<string, Pick<Draft, "type" | "outcome" | "reasonCode">>> = {
  Approved: { type: "enrollment.approved", outcome: "success", reasonCode: null },
  Denied: { type: "enrollment.denied", outcome: "denied", reasonCode: "csr_denied" },
  Failed: { type: "enrollment.failed", outcome: "failure", reasonCode: "unknown" },
};

/** A request's conditions may be updated without a transition; the update is what happened. */
function csrConditions({ value }: KubeObject): readonly KubeCondition[] {
  const updated = new Map(
    listAt(value, "status", "conditions").map((condition) => [
      textAt(condition, "type"),
      timeAt(condition, "lastUpdateTime"),
    ]),
  );
  return conditionsOf(value, "status", "conditions").map((condition) => ({
    ...condition,
    changedAtMs: updated.get(condition.type) ?? condition.changedAtMs,
  }));
}

function nodeNameOf(user: string | null): string | null {
  return user?.startsWith(NODE_PREFIX) && user.length > NODE_PREFIX.length
    ? user.slice(NODE_PREFIX.length)
    : null;
}

function isBootstrapper(requester: string | null, value: unknown): boolean {
  return (
    requester?.startsWith("system:bootstrap:") === true ||
    requester === OPENSHIFT_BOOTSTRAPPER ||
    listAt(value, "spec", "groups").includes("system:bootstrappers")
  );
}

function actorOf(requester: string | null, bootstraps: boolean): BootstrapEvent["actor"] {
  if (requester === null) return { kind: "unknown", id: null, address: null };
  const isNode = bootstraps || requester.startsWith(NODE_PREFIX);
  const isService = requester.startsWith("system:serviceaccount:");
  return { kind: isNode ? "node" : isService ? "service" : "user", id: requester, address: null };
}

/** What the issued certificate (base64 around PEM) says about itself; `null` when it cannot be read. */
function credentialOf(certificate: string): Credential | null {
  try {
    const { serialNumber, fingerprint256, issuer, validFrom, validTo } = new X509Certificate(
      Buffer.from(certificate, "base64"),
    );
    return {
      kind: "x509",
      serial: serialNumber.toLowerCase(),
      fingerprintSha256: fingerprint256.replaceAll(":", "").toLowerCase(),
      issuer: clip(issuer.replaceAll("\n", ", "), 512),
      notBeforeMs: storableTime(validFrom),
      notAfterMs: storableTime(validTo),
    };
  } catch {
    return null;
  }
}

function storableTime(text: string): number | null {
  const timeMs = Date.parse(text);
  return isStorableTime(timeMs) ? timeMs : null;
}
