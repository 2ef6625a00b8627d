/** Moving pods away by eviction, which disruption budgets may hold back. */
import { ConnectorError, type Observation, type Started } from "#lib/connectors/contract";
import { segment } from "#lib/connectors/shared/http";
import { type Kube, type KubeSecrets, kubeOf } from "#lib/connectors/shared/kubernetes";
import { note, type VerbSpec } from "#lib/connectors/shared/verbs";
import { DRAIN, nodePath, readNode, type Settings } from "./node.ts";
import { evictable, hasLocalData, isTerminating, isUnreplicated, type Pod, podName, podsOn } from "./pods.ts";

/** How often one start asks again for what a budget holds back; a later start goes on. */
const ROUNDS = 4;
const PAUSE_MS = 5_000;
/** Evictions that a preview rehearses. */
const REHEARSED = 100;
const NAMED = 5;

const names = (pods: readonly Pod[]): string =>
  pods.slice(0, NAMED).map(podName).join(", ") +
  (pods.length > NAMED ? ` and ${pods.length - NAMED} more` : "");

/** @returns `held` when a budget does not allow it now */
async function evict(kube: Kube, pod: Pod, dryRun: boolean): Promise<"evicted" | "gone" | "held"> {
  const { namespace, name, uid } = pod.metadata;
  const { status } = await kube.send(
    "POST",
    `/api/v1/namespaces/${segment(namespace)}/pods/${segment(name)}/eviction`,
    {
      dryRun,
      accept: [404, 409, 429],
      body: {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name, namespace },
        // A pod of the same name that came since is not ours to move.
        deleteOptions: { preconditions: { uid } },
      },
    },
  );
  if (status === 404 || status === 409) return "gone";
  return status === 429 ? "held" : "evicted";
}

export const drain: VerbSpec<Settings, KubeSecrets> = {
  words: "evict the node's pods",
  destructive: false,
  timeoutMs: 1_800_000,
  undo: null,
  async preview(ctx, target) {
    const kube = kubeOf(ctx);
    const node = await readNode(kube, target);
    const all = await podsOn(kube, target);
    const pods = evictable(all);
    const held: Pod[] = [];
    for (const pod of pods.slice(0, REHEARSED)) {
      if (!isTerminating(pod) && (await evict(kube, pod, true)) === "held") held.push(pod);
    }
    const alone = pods.filter(isUnreplicated);
    const local = pods.filter(hasLocalData);
    return {
      steps: [`Evict ${pods.length} pods; ${all.length - pods.length} stay (static, DaemonSet or finished).`],
      checks: [
        note(
          "The node is cordoned",
          node.spec.unschedulable,
          node.spec.unschedulable ? "it is" : "a step before has to do it, else evicted pods may come back",
        ),
        note(
          "Disruption budgets",
          held.length === 0,
          held.length ? `hold back ${names(held)}` : "allow it now",
        ),
        note(
          "Replicated pods",
          alone.length === 0,
          alone.length ? `nobody remakes ${names(alone)}` : "all are",
        ),
        note(
          "Local data",
          local.length === 0,
          local.length ? `is lost with ${names(local)}` : "there is none",
        ),
      ],
    };
  },
  async start(ctx, target, key): Promise<Started> {
    const kube = kubeOf(ctx);
    const node = await readNode(kube, target);
    if (!node.spec.unschedulable) {
      throw new ConnectorError("refused", `${target.words} is not cordoned: evicted pods may come back`);
    }
    const isFirst = node.metadata.annotations[DRAIN] !== key;
    if (isFirst) {
      await kube.patch(nodePath(target), {
        metadata: { uid: node.metadata.uid, annotations: { [DRAIN]: key } },
      });
    }
    let evicted = 0;
    let held: Pod[] = [];
    for (let round = 1; ; round += 1) {
      const pods = evictable(await podsOn(kube, target)).filter((pod) => !isTerminating(pod));
      held = [];
      for (const pod of pods) {
        const outcome = await evict(kube, pod, false);
        if (outcome === "evicted") evicted += 1;
        if (outcome === "held") held.push(pod);
      }
      if (held.length === 0 || round >= ROUNDS) break;
      await ctx.sleep(PAUSE_MS);
    }
    return {
      again: !isFirst && evicted === 0,
      detail: held.length
        ? `${evicted} evicted; budgets hold back ${names(held)}`
        : `${evicted} pods evicted`,
      facts: { evicted, held: held.map(podName), next: held.length > 0 },
    };
  },
  async observe(ctx, target, key): Promise<Observation> {
    const kube = kubeOf(ctx);
    const node = await readNode(kube, target);
    const pods = evictable(await podsOn(kube, target));
    const leaving = pods.filter(isTerminating);
    const facts = { pods: pods.map(podName), leaving: leaving.length };
    const isOurs = node.metadata.annotations[DRAIN] === key;
    if (!isOurs) return { state: "not_started", detail: `${pods.length} pods to evict`, facts };
    if (pods.length === 0) return { state: "done", detail: "No pod is left that a drain moves", facts };
    const next = pods.length > leaving.length;
    return {
      state: "running",
      detail: `${pods.length} pods are left: ${names(pods)}`,
      facts: { ...facts, next },
    };
  },
};
