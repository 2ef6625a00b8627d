/** Denying a node new client certificates: those that it has cannot be revoked. */
import { z } from "zod";
import type { Target } from "#lib/connectors/contract";
import { segment } from "#lib/connectors/shared/http";
import { type Kube, type KubeSecrets, kubeOf, Meta, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import { readNode, type Settings } from "./node.ts";

const REASON = "TouchstoneQuarantine";
const PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const SIGNERS = new Set(["kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving"]);

const Condition = z.looseObject({
  type: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});
/** Loose: it is sent back whole, with one condition more. */
const SigningRequest = z.looseObject({
  metadata: z.looseObject(Meta.shape),
  spec: z.looseObject({ signerName: z.string(), username: z.string().default(""), request: z.string() }),
  status: z.looseObject({ conditions: z.array(Condition).default([]) }).default({ conditions: [] }),
});
type SigningRequest = z.output<typeof SigningRequest>;

/** The object identifier of a common name, with the tags of the texts that may follow. */
const COMMON_NAME = Buffer.from("0603550403", "hex");
const TEXT_TAGS = [0x0c, 0x13];

/** Whether the certificate that is asked for would carry this common name. */
function asksFor(request: string, commonName: string): boolean {
  const pem = Buffer.from(request, "base64").toString("latin1");
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  const name = Buffer.from(commonName, "utf8");
  return TEXT_TAGS.some((tag) =>
    der.includes(Buffer.concat([COMMON_NAME, Buffer.from([tag, name.byteLength]), name])),
  );
}

/** Asked by the node itself or, at its bootstrap, by somebody else in its name. */
function isOfNode({ spec }: SigningRequest, node: string): boolean {
  const user = `system:node:${node}`;
  return SIGNERS.has(spec.signerName) && (spec.username === user || asksFor(spec.request, user));
}

const isPending = ({ status }: SigningRequest) => status.conditions.length === 0;

async function requestsOf(kube: Kube, target: Target): Promise<SigningRequest[]> {
  return (await kube.list(PATH, SigningRequest)).filter((request) => isOfNode(request, target.ref));
}

function deny(
  kube: Kube,
  { metadata: { name } }: SigningRequest,
  key: string,
  dryRun = false,
): Promise<boolean> {
  return untilStored(async () => {
    const current = await kube.get(`${PATH}/${segment(name)}`, SigningRequest);
    if (!isPending(current)) return false;
    const condition = { type: "Denied", status: "True", reason: REASON, message: `touchstone ${key}` };
    const status = { ...current.status, conditions: [...current.status.conditions, condition] };
    await kube.send("PUT", `${PATH}/${segment(name)}/approval`, { body: { ...current, status }, dryRun });
    return true;
  });
}

export const denyRequests: VerbSpec<Settings, KubeSecrets> = {
  words: "deny the node's pending certificate requests",
  destructive: false,
  timeoutMs: 60_000,
  undo: null,
  async preview(ctx, target) {
    const kube = kubeOf(ctx);
    await readNode(kube, target);
    const pending = (await requestsOf(kube, target)).filter(isPending);
    const [first] = pending;
    if (first) await deny(kube, first, "preview", true);
    return {
      steps: [`Deny ${pending.length} pending certificate requests.`],
      checks: [
        must(
          "The server accepts the change",
          true,
          first ? "rehearsed with dryRun=All" : "there is none to deny",
        ),
        note(
          "Certificates that were issued",
          false,
          "Kubernetes cannot revoke them: they are accepted until they expire",
        ),
      ],
    };
  },
  async start(ctx, target, key) {
    const kube = kubeOf(ctx);
    await readNode(kube, target);
    const pending = (await requestsOf(kube, target)).filter(isPending);
    let denied = 0;
    for (const request of pending) if (await deny(kube, request, key)) denied += 1;
    return { again: denied === 0, detail: `${denied} certificate requests denied`, facts: { denied } };
  },
  async observe(ctx, target, key) {
    const requests = await requestsOf(kubeOf(ctx), target);
    const pending = requests.filter(isPending).length;
    const denied = requests.filter(({ status }) =>
      status.conditions.some(({ type, message }) => type === "Denied" && message === `touchstone ${key}`),
    ).length;
    const facts = { pending, denied, next: pending > 0 };
    if (pending === 0) return { state: "done", detail: "No certificate request is pending", facts };
    const detail = `${pending} certificate requests are pending`;
    return { state: denied > 0 ? "running" : "not_started", detail, facts };
  },
};
