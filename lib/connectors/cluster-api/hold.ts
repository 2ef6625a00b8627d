/** Keeping Cluster API's own robots from destroying evidence. */
import type { Started } from "#lib/connectors/contract";
import { type KubeSecrets, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  type Context,
  HOLD,
  HOOK,
  type Machine,
  machinePath,
  requireMachine,
  type Settings,
  SKIP,
} from "./machine.ts";

const factsOf = ({ metadata }: Machine) => ({
  machine: metadata.name,
  uid: metadata.uid,
  skipRemediation: SKIP in metadata.annotations,
  preTerminateHook: HOOK in metadata.annotations,
});

/** A mark that somebody else set before us is remembered, and stays when ours goes. */
function holdPatch({ metadata: { resourceVersion, uid, annotations } }: Machine, key: string) {
  const before = annotations[HOLD] === undefined ? SKIP in annotations : annotations[HOLD].endsWith(" kept");
  const hold = `${key}${before ? " kept" : ""}`;
  return { metadata: { uid, resourceVersion, annotations: { [SKIP]: "true", [HOOK]: key, [HOLD]: hold } } };
}

function unholdPatch({ metadata: { resourceVersion, uid, annotations } }: Machine) {
  const kept = annotations[HOLD]?.endsWith(" kept") ?? true;
  return {
    metadata: {
      uid,
      resourceVersion,
      annotations: { [HOOK]: null, [HOLD]: null, ...(!kept && { [SKIP]: null }) },
    },
  };
}

const isHeldFor = ({ metadata: { annotations } }: Machine, key: string): boolean =>
  annotations[HOOK] === key && SKIP in annotations;
const isOurs = ({ metadata: { annotations } }: Machine): boolean =>
  HOOK in annotations || HOLD in annotations;

type Hold = VerbSpec<Settings, KubeSecrets>;

const change = (patch: (machine: Machine) => object, isDone: (machine: Machine, key: string) => boolean) => ({
  start: (ctx: Context, target: Parameters<Hold["start"]>[1], key: string) =>
    untilStored(async (): Promise<Started> => {
      const { kube, machine } = await requireMachine(ctx, target);
      if (isDone(machine, key)) return { again: true, detail: "It is so already", facts: factsOf(machine) };
      await kube.patch(machinePath(ctx, machine), patch(machine));
      const after = await requireMachine(ctx, target);
      return {
        again: false,
        detail: "The machine's annotations were changed",
        facts: factsOf(after.machine),
      };
    }),
});

export const hold: Hold = {
  words: "hold the machine back from remediation and deletion",
  destructive: false,
  timeoutMs: 60_000,
  undo: "unhold",
  async preview(ctx, target) {
    const { kube, machine } = await requireMachine(ctx, target);
    await kube.patch(machinePath(ctx, machine), holdPatch(machine, "preview"), { dryRun: true });
    const leaving = machine.metadata.deletionTimestamp !== undefined;
    return {
      steps: [
        `Set ${SKIP} on machine ${machine.metadata.name}.`,
        `Set the hook ${HOOK}: it is not terminated meanwhile.`,
      ],
      checks: [
        must("The server accepts the change", true, "rehearsed with dryRun=All"),
        must("The machine is not being deleted", !leaving, leaving ? "its deletion has begun" : "it is not"),
      ],
    };
  },
  start: (ctx, target, key) =>
    change((machine) => holdPatch(machine, key), isHeldFor).start(ctx, target, key),
  async observe(ctx, target, key) {
    const { machine } = await requireMachine(ctx, target);
    const held = isHeldFor(machine, key);
    const detail = held ? "The hold is in place" : "There is no hold of this step";
    return { state: held ? "done" : "not_started", detail, facts: factsOf(machine) };
  },
};

export const unhold: Hold = {
  words: "let go of the machine",
  destructive: false,
  timeoutMs: 60_000,
  undo: null,
  async preview(ctx, target) {
    const { kube, machine } = await requireMachine(ctx, target);
    await kube.patch(machinePath(ctx, machine), unholdPatch(machine), { dryRun: true });
    return {
      steps: [`Remove our hold from machine ${machine.metadata.name}.`],
      checks: [must("The server accepts the change", true, "rehearsed with dryRun=All")],
    };
  },
  ...change(unholdPatch, (machine) => !isOurs(machine)),
  async observe(ctx, target) {
    const { machine } = await requireMachine(ctx, target);
    const held = isOurs(machine);
    const detail = held ? "Our hold is still in place" : "There is no hold of ours";
    return { state: held ? "not_started" : "done", detail, facts: factsOf(machine) };
  },
};
