/** A Kubernetes Node, and the marks on it that are ours. */
import { z } from "zod";
import type { ConnectorContext, Target } from "#lib/connectors/contract";
import { orMissing, segment } from "#lib/connectors/shared/http";
import type { KubeSecrets } from "#lib/connectors/shared/kubernetes";
import { type Kube, KubeSettings, Meta } from "#lib/connectors/shared/kubernetes";
import { requireUid } from "#lib/connectors/shared/verbs";

export const Settings = KubeSettings.extend({
  mode: z.enum(["soft", "hard"]).default("soft").meta({
    title: "Taint",
    description:
      "soft = nothing new is scheduled. hard = running pods are killed too, without regard to disruption budgets, and with them what they could tell.",
  }),
  isolationLabel: z.boolean().default(true).meta({
    title: "Isolation label",
    description: "Also labels the node, for network policies that select quarantined hosts.",
  }),
});
export type Settings = z.output<typeof Settings>;
export type Context = ConnectorContext<Settings, KubeSecrets>;

/** Ours alone: `spec.unschedulable` is shared with every robot that cordons, and cleared by some. */
export const TAINT = "touchstone.dev/quarantine";
/** A kubelet may not touch labels with this prefix, nor any taint. */
export const LABEL = "node-restriction.kubernetes.io/touchstone-quarantine";
export const DRAIN = "touchstone.dev/drain";

const Taint = z.looseObject({ key: z.string(), value: z.string().optional(), effect: z.string() });
export const Node = z.object({
  metadata: Meta,
  spec: z
    .object({ unschedulable: z.boolean().default(false), taints: z.array(Taint).default([]) })
    .default({ unschedulable: false, taints: [] }),
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
    .default({ conditions: [] }),
});
export type Node = z.output<typeof Node>;

/** What our annotation says: whose quarantine it is, and whether the node was cordoned before. */
const Ownership = z.object({
  request: z.string(),
  by: z.string(),
  at: z.string(),
  cordonedBefore: z.boolean(),
});
export type Ownership = z.output<typeof Ownership>;

export const nodePath = (target: Target): string => `/api/v1/nodes/${segment(target.ref)}`;

/** @throws {ConnectorError} `not_found`, or `conflict` when the name belongs to another registration */
export async function readNode(kube: Kube, target: Target): Promise<Node> {
  const node = await orMissing(kube.get(nodePath(target), Node), `The cluster has no ${target.words}`);
  requireUid(target, node.metadata.uid);
  return node;
}

export const ownTaint = (node: Node) => node.spec.taints.find(({ key }) => key === TAINT);
export const otherTaints = (node: Node) => node.spec.taints.filter(({ key }) => key !== TAINT);

/** `null` = none, or nothing that we wrote. */
export function ownership(node: Node): Ownership | null {
  const text = node.metadata.annotations[TAINT];
  if (text === undefined) return null;
  try {
    return Ownership.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export const isControlPlane = ({ metadata: { labels } }: Node): boolean =>
  Object.hasOwn(labels, "node-role.kubernetes.io/control-plane") ||
  Object.hasOwn(labels, "node-role.kubernetes.io/master");

/** A taint's value is a label's: 63 characters of a small alphabet. The annotation has the whole key. */
export const taintValue = (key: string): string =>
  key
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, 36)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
