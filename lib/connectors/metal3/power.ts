/** Switching a machine off over its management controller: it cannot refuse. */
import type { Observation, Started, Target } from "#lib/connectors/contract";
import { type KubeSecrets, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, note, requireChecks, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  attachedCheck,
  type Context,
  factsOf,
  type Host,
  hostPath,
  requireHost,
  type Settings,
} from "./host.ts";

/** Which step decided about the power last. */
const POWER = "touchstone.dev/power";

function power(online: boolean): VerbSpec<Settings, KubeSecrets> {
  const patch = ({ metadata: { uid, resourceVersion } }: Host, key: string) => ({
    metadata: { uid, resourceVersion, annotations: { [POWER]: key } },
    spec: { online },
  });
  const isAsked = ({ metadata, spec }: Host, key: string) =>
    metadata.annotations[POWER] === key && spec.online === online;
  const word = online ? "on" : "off";

  return {
    words: `switch the machine ${word}`,
    destructive: false,
    timeoutMs: 900_000,
    undo: online ? null : "power_on",
    async preview(ctx, target) {
      const { kube, host } = await requireHost(ctx, target);
      await kube.patch(hostPath(ctx, host), patch(host, "preview"), { dryRun: true });
      return {
        steps: [`Set online: ${online} on host ${host.metadata.name}.`],
        checks: [
          must("The server accepts the change", true, "rehearsed with dryRun=All"),
          attachedCheck(host),
          ...(online
            ? []
            : [note("What is in memory", false, "is lost, and with it what it could tell of an attack")]),
        ],
      };
    },
    start: (ctx: Context, target: Target, key: string) =>
      untilStored(async (): Promise<Started> => {
        const { kube, host } = await requireHost(ctx, target);
        if (isAsked(host, key)) {
          return { again: true, detail: `It was asked to be ${word}`, facts: factsOf(host) };
        }
        requireChecks([attachedCheck(host)]);
        await kube.patch(hostPath(ctx, host), patch(host, key));
        return { again: false, detail: `The operator switches it ${word}`, facts: factsOf(host) };
      }),
    async observe(ctx, target, key): Promise<Observation> {
      const { host } = await requireHost(ctx, target);
      const facts = factsOf(host);
      if (!isAsked(host, key)) {
        return { state: "not_started", detail: `This step did not ask for it to be ${word}`, facts };
      }
      if (host.status.poweredOn === online) return { state: "done", detail: `It is ${word}`, facts };
      return { state: "running", detail: `It is not ${word} yet`, facts };
    },
  };
}

export const powerOff = power(false);
export const powerOn = power(true);
