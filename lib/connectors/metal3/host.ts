/** Metal3 bare-metal hosts: found by the uid of their object, which is the hardware's in the inventory. */
import { z } from "zod";
import { type Check, type ConnectorContext, ConnectorError, type Target } from "#lib/connectors/contract";
import { segment } from "#lib/connectors/shared/http";
import { type Kube, type KubeSecrets, KubeSettings, kubeOf, Meta } from "#lib/connectors/shared/kubernetes";
import { must } from "#lib/connectors/shared/verbs";

export const Settings = KubeSettings.extend({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .meta({ title: "Namespace", description: "Of the BareMetalHost objects." }),
});
export type Settings = z.output<typeof Settings>;
export type Context = ConnectorContext<Settings, KubeSecrets>;

/** Takes a host out of the operator's hands: it would be powered and imaged by nobody. */
const DETACHED = "baremetalhost.metal3.io/detached";

export const Host = z.object({
  metadata: Meta,
  spec: z.object({
    online: z.boolean().default(false),
    image: z.looseObject({ url: z.string() }).optional(),
    consumerRef: z.object({ kind: z.string().default(""), name: z.string().default("") }).optional(),
    automatedCleaningMode: z.string().default("metadata"),
  }),
  status: z
    .object({
      poweredOn: z.boolean().optional(),
      operationalStatus: z.string().default(""),
      errorMessage: z.string().default(""),
      provisioning: z.object({ state: z.string().default("") }).default({ state: "" }),
    })
    .default({ operationalStatus: "", errorMessage: "", provisioning: { state: "" } }),
});
export type Host = z.output<typeof Host>;

const hostsPath = ({ settings }: Context) =>
  `/apis/metal3.io/v1alpha1/namespaces/${segment(settings.namespace)}/baremetalhosts`;
export const hostPath = (ctx: Context, { metadata }: Host): string =>
  `${hostsPath(ctx)}/${segment(metadata.name)}`;

/** @throws {ConnectorError} `not_found` */
export async function requireHost(ctx: Context, target: Target): Promise<{ kube: Kube; host: Host }> {
  const kube = kubeOf(ctx);
  const hosts = await kube.list(hostsPath(ctx), Host);
  const host = hosts.find(({ metadata }) => metadata.uid.toLowerCase() === target.uid?.toLowerCase());
  if (!host) throw new ConnectorError("not_found", `The namespace has no ${target.words}`);
  return { kube, host };
}

export function attachedCheck({ metadata }: Host): Check {
  const detached = DETACHED in metadata.annotations;
  return must("The operator manages it", !detached, detached ? `${DETACHED} is set` : "it does");
}

export const factsOf = ({ metadata, spec, status }: Host) => ({
  host: metadata.name,
  uid: metadata.uid,
  online: spec.online,
  poweredOn: status.poweredOn ?? null,
  state: status.provisioning.state,
  hasImage: spec.image !== undefined,
  cleaning: spec.automatedCleaningMode,
});
