/** Cluster API machines: found by what the node says of itself, never by a name alone. */
import { z } from "zod";
import { type ConnectorContext, ConnectorError, type Target } from "#lib/connectors/contract";
import { segment } from "#lib/connectors/shared/http";
import { type Kube, type KubeSecrets, KubeSettings, kubeOf, Meta } from "#lib/connectors/shared/kubernetes";
import { requireUid } from "#lib/connectors/shared/verbs";

export const Settings = KubeSettings.extend({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .meta({ title: "Namespace", description: "Of the Machine objects in the management cluster." }),
  version: z.enum(["v1beta2", "v1beta1"]).default("v1beta2").meta({ title: "API version" }),
});
export type Settings = z.output<typeof Settings>;
export type Context = ConnectorContext<Settings, KubeSecrets>;

export const SKIP = "cluster.x-k8s.io/skip-remediation";
export const HOOK = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/touchstone";
export const REMEDIATE = "cluster.x-k8s.io/remediate-machine";
/** Whose hold it is; and whether another had asked to skip remediation before. */
export const HOLD = "touchstone.dev/hold";
export const REQUEST = "touchstone.dev/remediation";
export const CONTROL_PLANE = "cluster.x-k8s.io/control-plane";

const Condition = z.object({ type: z.string(), status: z.string(), reason: z.string().default("") });
export const Machine = z.object({
  metadata: Meta,
  spec: z.object({ clusterName: z.string(), providerID: z.string().default("") }),
  status: z
    .object({
      nodeRef: z.object({ name: z.string() }).optional(),
      conditions: z.array(Condition).default([]),
    })
    .default({ conditions: [] }),
});
export type Machine = z.output<typeof Machine>;

export const apiPath = ({ settings }: Context): string =>
  `/apis/cluster.x-k8s.io/${settings.version}/namespaces/${segment(settings.namespace)}`;
export const machinePath = (ctx: Context, { metadata }: Machine): string =>
  `${apiPath(ctx)}/machines/${segment(metadata.name)}`;

export async function machines(ctx: Context): Promise<{ kube: Kube; all: Machine[] }> {
  const kube = kubeOf(ctx);
  return { kube, all: await kube.list(`${apiPath(ctx)}/machines`, Machine) };
}

/** `uid:…`, `provider:…` or `node:…`. */
function isTarget({ metadata, spec, status }: Machine, { ref }: Target): boolean {
  const value = ref.slice(ref.indexOf(":") + 1);
  if (ref.startsWith("uid:")) return metadata.uid.toLowerCase() === value.toLowerCase();
  if (ref.startsWith("provider:")) return spec.providerID === value;
  return status.nodeRef?.name === value;
}

async function findMachine(ctx: Context, target: Target) {
  const { kube, all } = await machines(ctx);
  const found = all.filter((machine) => isTarget(machine, target));
  if (found.length > 1) throw new ConnectorError("refused", `${target.words} is more than one machine`);
  return { kube, all, machine: found[0] ?? null };
}

export async function requireMachine(ctx: Context, target: Target) {
  const { machine, ...rest } = await findMachine(ctx, target);
  if (!machine) throw new ConnectorError("not_found", `The namespace has no ${target.words}`);
  requireUid(target, machine.metadata.uid);
  return { machine, ...rest };
}
