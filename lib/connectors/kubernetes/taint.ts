/** Keeping work away from a node, by a mark that only we set and take away. */
import type { Observation, Started } from "#lib/connectors/contract";
import type { KubeSecrets } from "#lib/connectors/shared/kubernetes";
import { kubeOf, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  type Context,
  isControlPlane,
  LABEL,
  type Node,
  nodePath,
  otherTaints,
  ownership,
  ownTaint,
  readNode,
  type Settings,
  TAINT,
  taintValue,
} from "./node.ts";
import { evictable, podsOn } from "./pods.ts";

const MINUTE = 60_000;
const effectOf = ({ settings }: Context) => (settings.mode === "hard" ? "NoExecute" : "NoSchedule");

/** The whole list of taints goes into the patch: the API replaces it as one. */
function taintPatch(ctx: Context, node: Node, key: string) {
  const { resourceVersion, uid } = node.metadata;
  const cordonedBefore = ownership(node)?.cordonedBefore ?? node.spec.unschedulable;
  const owner = { request: key, by: "touchstone", at: new Date(ctx.nowMs).toISOString(), cordonedBefore };
  return {
    metadata: {
      uid,
      resourceVersion,
      annotations: { [TAINT]: JSON.stringify(owner) },
      ...(ctx.settings.isolationLabel && { labels: { [LABEL]: "true" } }),
    },
    spec: {
      unschedulable: true,
      taints: [...otherTaints(node), { key: TAINT, value: taintValue(key), effect: effectOf(ctx) }],
    },
  };
}

/** A cordon that was there before us stays: its owner has not been asked. */
function untaintPatch(node: Node) {
  const { resourceVersion, uid } = node.metadata;
  const owner = ownership(node);
  return {
    metadata: { uid, resourceVersion, annotations: { [TAINT]: null }, labels: { [LABEL]: null } },
    spec: {
      taints: otherTaints(node),
      ...(owner && !owner.cordonedBefore && { unschedulable: null }),
    },
  };
}

const isMarked = (node: Node) =>
  ownTaint(node) !== undefined || TAINT in node.metadata.annotations || LABEL in node.metadata.labels;

function isTaintedFor(ctx: Context, node: Node, key: string): boolean {
  return ownership(node)?.request === key && ownTaint(node)?.effect === effectOf(ctx);
}

const factsOf = (node: Node) => ({
  node: node.metadata.name,
  uid: node.metadata.uid,
  taint: ownTaint(node) ?? null,
  unschedulable: node.spec.unschedulable,
  request: ownership(node)?.request ?? null,
  cordonedBefore: ownership(node)?.cordonedBefore ?? null,
});

export const taint: VerbSpec<Settings, KubeSecrets> = {
  words: "taint and cordon the node",
  destructive: false,
  timeoutMs: MINUTE,
  undo: "untaint",
  async preview(ctx, target) {
    const kube = kubeOf(ctx);
    const node = await readNode(kube, target);
    const pods = evictable(await podsOn(kube, target));
    await kube.patch(nodePath(target), taintPatch(ctx, node, "preview"), { dryRun: true });
    const hard = ctx.settings.mode === "hard";
    return {
      steps: [
        `Add the taint ${TAINT} with effect ${effectOf(ctx)} beside ${otherTaints(node).length} others.`,
        node.spec.unschedulable ? "Leave the node cordoned, as it is." : "Cordon the node.",
        ...(ctx.settings.isolationLabel ? [`Set the label ${LABEL}.`] : []),
      ],
      checks: [
        must("The server accepts the change", true, "rehearsed with dryRun=All"),
        note(
          "Not a control-plane node",
          !isControlPlane(node),
          isControlPlane(node) ? "it is one" : "it is none",
        ),
        note(
          "Running pods",
          !hard || pods.length === 0,
          hard
            ? `${pods.length} pods are killed at once, without regard to disruption budgets`
            : `${pods.length} pods go on running`,
        ),
      ],
    };
  },
  start: (ctx, target, key) =>
    untilStored(async (): Promise<Started> => {
      const kube = kubeOf(ctx);
      const node = await readNode(kube, target);
      if (isTaintedFor(ctx, node, key)) {
        return { again: true, detail: "The node is tainted for this step", facts: factsOf(node) };
      }
      await kube.patch(nodePath(target), taintPatch(ctx, node, key));
      return { again: false, detail: "The node was tainted", facts: factsOf(await readNode(kube, target)) };
    }),
  async observe(ctx, target, key): Promise<Observation> {
    const node = await readNode(kubeOf(ctx), target);
    const facts = factsOf(node);
    if (isTaintedFor(ctx, node, key)) {
      const detail = node.spec.unschedulable
        ? "The taint is in place"
        : "The taint is in place; the cordon was taken away by somebody else";
      return { state: "done", detail, facts };
    }
    const removed = ownership(node)?.request === key;
    return {
      state: "not_started",
      detail: removed ? "The taint was taken away by somebody else" : "The node has no taint of this step",
      facts: { ...facts, removed },
    };
  },
};

export const untaint: VerbSpec<Settings, KubeSecrets> = {
  words: "take the taint away",
  destructive: false,
  timeoutMs: MINUTE,
  undo: null,
  async preview(ctx, target) {
    const kube = kubeOf(ctx);
    const node = await readNode(kube, target);
    await kube.patch(nodePath(target), untaintPatch(node), { dryRun: true });
    const owner = ownership(node);
    const uncordons = owner !== null && !owner.cordonedBefore && node.spec.unschedulable;
    return {
      steps: [
        `Remove the taint ${TAINT}; ${otherTaints(node).length} others stay.`,
        uncordons ? "Uncordon the node, which we cordoned." : "Leave the cordon as it is: it is not ours.",
      ],
      checks: [
        must("The server accepts the change", true, "rehearsed with dryRun=All"),
        note(
          "The taint is there",
          ownTaint(node) !== undefined,
          ownTaint(node) ? "it is" : "there is none of ours",
        ),
      ],
    };
  },
  start: (ctx, target) =>
    untilStored(async (): Promise<Started> => {
      const kube = kubeOf(ctx);
      const node = await readNode(kube, target);
      if (!isMarked(node))
        return { again: true, detail: "The node has no mark of ours", facts: factsOf(node) };
      await kube.patch(nodePath(target), untaintPatch(node));
      return { again: false, detail: "The taint was removed", facts: factsOf(await readNode(kube, target)) };
    }),
  async observe(ctx, target) {
    const node = await readNode(kubeOf(ctx), target);
    const marked = isMarked(node);
    return {
      state: marked ? "not_started" : "done",
      detail: marked ? "The node still has a mark of ours" : "The node has no mark of ours",
      facts: factsOf(node),
    };
  },
};
