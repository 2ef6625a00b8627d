/** Having Cluster API replace a machine, by its own rules. */
import { z } from "zod";
import type { Check, Target } from "#lib/connectors/contract";
import { type KubeSecrets, Meta, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, note, requireChecks, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  apiPath,
  CONTROL_PLANE,
  type Context,
  type Machine,
  machinePath,
  machines,
  REMEDIATE,
  REQUEST,
  requireMachine,
  type Settings,
  SKIP,
} from "./machine.ts";

const HealthCheck = z.object({
  metadata: Meta,
  spec: z.object({
    clusterName: z.string(),
    selector: z.object({
      matchLabels: z.record(z.string(), z.string()).default({}),
      matchExpressions: z.array(z.unknown()).default([]),
    }),
  }),
});
type HealthCheck = z.output<typeof HealthCheck>;

function selects({ spec }: HealthCheck, machine: Machine): boolean {
  const labels = machine.metadata.labels;
  return (
    spec.clusterName === machine.spec.clusterName &&
    spec.selector.matchExpressions.length === 0 &&
    Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value)
  );
}

const isReady = ({ status }: Machine, type: string) =>
  status.conditions.find((condition) => condition.type === type)?.status;

/** What the controllers ask for before they touch a machine; asked here so that people know it before they vote. */
function controlPlaneChecks(machine: Machine, all: readonly Machine[]): Check[] {
  if (!(CONTROL_PLANE in machine.metadata.labels)) return [];
  const peers = all.filter(
    ({ metadata, spec }) =>
      CONTROL_PLANE in metadata.labels &&
      spec.clusterName === machine.spec.clusterName &&
      metadata.uid !== machine.metadata.uid,
  );
  const members = peers.filter((peer) => isReady(peer, "EtcdMemberHealthy") === "True").length;
  const quorum = Math.floor((peers.length + 1) / 2) + 1;
  const leaving = peers.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
  const busy = peers.filter((peer) => isReady(peer, "OwnerRemediated") === "False").length;
  return [
    must("Two or more control-plane machines", peers.length > 0, `${peers.length} beside it`),
    must("No control-plane machine is being deleted", leaving === 0, `${leaving} are`),
    must("No other control-plane remediation", busy === 0, `${busy} are open`),
    must("etcd keeps its quorum", members >= quorum, `${members} healthy members stay, ${quorum} are needed`),
  ];
}

async function checksOf(ctx: Context, target: Target, { isStart }: { isStart: boolean }) {
  const { kube, machine, all } = await requireMachine(ctx, target);
  const owner = machine.metadata.ownerReferences.find(({ controller }) => controller);
  const checks = (await kube.list(`${apiPath(ctx)}/machinehealthchecks`, HealthCheck)).filter((check) =>
    selects(check, machine),
  );
  const held = SKIP in machine.metadata.annotations;
  return {
    kube,
    machine,
    checks: [
      must(
        "A controller replaces it",
        owner?.kind === "MachineSet" || owner?.kind.endsWith("ControlPlane") === true,
        owner ? `owned by ${owner.kind} ${owner.name}` : "nobody owns it",
      ),
      must(
        "A MachineHealthCheck selects it",
        checks.length > 0,
        `${checks.length} do; without one nothing happens`,
      ),
      {
        name: "No hold on remediation",
        ok: !held,
        // A step before may let go of it; when it comes to this one, it has to be so.
        blocking: isStart,
        detail: held ? `${SKIP} is set` : "there is none",
      },
      ...controlPlaneChecks(machine, all),
      note(
        "Its fuse may hold it back",
        checks.length === 0,
        "the health check's own limit of unhealthy machines applies",
      ),
    ],
  };
}

export const remediate: VerbSpec<Settings, KubeSecrets> = {
  words: "have the machine deleted and replaced",
  destructive: true,
  timeoutMs: 3_600_000,
  undo: null,
  async preview(ctx, target) {
    const { kube, machine, checks } = await checksOf(ctx, target, { isStart: false });
    await kube.patch(machinePath(ctx, machine), remediatePatch(machine, "preview"), { dryRun: true });
    return {
      steps: [`Set ${REMEDIATE} on machine ${machine.metadata.name}: its owner deletes and replaces it.`],
      checks,
    };
  },
  start: (ctx, target, key) =>
    untilStored(async () => {
      const begun = await begunMachine(ctx, key);
      if (begun) {
        return { again: true, detail: "The machine was marked for remediation before", facts: begun.facts };
      }
      const { kube, machine, checks } = await checksOf(ctx, target, { isStart: true });
      requireChecks(checks);
      // Before it leaves: the machine that comes after it may have the same name and node.
      await ctx.memory.put(memoryName(key), { uid: machine.metadata.uid });
      await kube.patch(machinePath(ctx, machine), remediatePatch(machine, key));
      return { again: false, detail: "The machine was marked for remediation", facts: factsOf(machine) };
    }),
  async observe(ctx, _target, key) {
    const begun = await begunMachine(ctx, key);
    if (!begun) return { state: "not_started", detail: "No machine was marked by this step", facts: {} };
    const { machine, facts } = begun;
    if (!machine) return { state: "done", detail: "The machine is gone", facts };
    const leaving = machine.metadata.deletionTimestamp !== undefined;
    return {
      state: "running",
      detail: leaving ? "The machine is being deleted" : "Its owner has not acted yet",
      facts,
    };
  },
};

const memoryName = (key: string): string => `remediate:${key}`;
const Begun = z.object({ uid: z.string() });

/**
 * The very machine that a step marked; `null` when it marked none. A uid is a machine's for good: the one that is
 * in no list any more is gone.
 */
async function begunMachine(ctx: Context, key: string) {
  const remembered = Begun.safeParse(await ctx.memory.get(memoryName(key)));
  const { all } = await machines(ctx);
  if (!remembered.success) return null;
  const machine = all.find(({ metadata }) => metadata.uid === remembered.data.uid);
  if (!machine) return { machine: null, facts: { gone: true, uid: remembered.data.uid } };
  const isMarked = machine.metadata.annotations[REQUEST] === key && REMEDIATE in machine.metadata.annotations;
  return isMarked ? { machine, facts: factsOf(machine) } : null;
}

function remediatePatch({ metadata: { uid, resourceVersion } }: Machine, key: string) {
  return { metadata: { uid, resourceVersion, annotations: { [REMEDIATE]: "", [REQUEST]: key } } };
}

const factsOf = ({ metadata, status }: Machine) => ({
  machine: metadata.name,
  uid: metadata.uid,
  conditions: status.conditions
    .filter(({ type }) => ["HealthCheckSucceeded", "OwnerRemediated", "Deleting"].includes(type))
    .map(({ type, status: state, reason }) => `${type}=${state} ${reason}`.trim()),
});
