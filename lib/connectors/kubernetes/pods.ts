/** Which pods of a node a drain moves. */
import { z } from "zod";
import type { Target } from "#lib/connectors/contract";
import { type Kube, Meta } from "#lib/connectors/shared/kubernetes";

const Pod = z.object({
  metadata: Meta,
  spec: z
    .object({ volumes: z.array(z.looseObject({ name: z.string() })).default([]) })
    .default({ volumes: [] }),
  status: z.object({ phase: z.string().default("") }).default({ phase: "" }),
});
export type Pod = z.output<typeof Pod>;

export const podName = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

export async function podsOn(kube: Kube, target: Target): Promise<Pod[]> {
  return kube.list(`/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${target.ref}`)}`, Pod);
}

const MIRROR = "kubernetes.io/config.mirror";
const controllerOf = ({ metadata }: Pod) => metadata.ownerReferences.find(({ controller }) => controller);

/**
 * Pods that an eviction moves: not those of static manifests, which the API cannot remove, nor of
 * DaemonSets, which would be put back at once, nor finished ones.
 */
export function evictable(pods: readonly Pod[]): Pod[] {
  return pods.filter(
    (pod) =>
      !Object.hasOwn(pod.metadata.annotations, MIRROR) &&
      controllerOf(pod)?.kind !== "DaemonSet" &&
      pod.status.phase !== "Succeeded" &&
      pod.status.phase !== "Failed",
  );
}

/** On its way out already. */
export const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

/** Nobody makes it anew elsewhere. */
export const isUnreplicated = (pod: Pod): boolean => controllerOf(pod) === undefined;

/** What it keeps on the node is lost. */
export const hasLocalData = ({ spec }: Pod): boolean => spec.volumes.some((volume) => "emptyDir" in volume);
