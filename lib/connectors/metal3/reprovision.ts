/** A new image for a host that no other controller uses: taken away, cleaned, put on again. */
import { z } from "zod";
import { type Check, ConnectorError, type Observation, type Started } from "#lib/connectors/contract";
import { type KubeSecrets, untilStored } from "#lib/connectors/shared/kubernetes";
import { must, note, requireChecks, type VerbSpec } from "#lib/connectors/shared/verbs";
import { attachedCheck, factsOf, type Host, hostPath, requireHost, type Settings } from "./host.ts";

const REQUEST = "touchstone.dev/reprovision";
/** States in which a host without an image waits for one. */
const EMPTY: ReadonlySet<string> = new Set(["available", "ready"]);

const Remembered = z.object({ image: z.looseObject({ url: z.string() }) });
const memoryName = (key: string): string => `image:${key}`;

function checksOf(host: Host): Check[] {
  const { consumerRef, image } = host.spec;
  return [
    attachedCheck(host),
    must(
      "No other controller uses it",
      consumerRef === undefined,
      consumerRef ? `${consumerRef.kind} ${consumerRef.name} does: replace its Machine` : "none does",
    ),
    must("It has an image to put back", image !== undefined, image ? "it has" : "it has none"),
  ];
}

const meta = ({ metadata: { uid, resourceVersion } }: Host, key: string) => ({
  uid,
  resourceVersion,
  annotations: { [REQUEST]: key },
});
const isOurs = (host: Host, key: string) => host.metadata.annotations[REQUEST] === key;
const isEmpty = ({ spec, status }: Host) => spec.image === undefined && EMPTY.has(status.provisioning.state);

export const reprovision: VerbSpec<Settings, KubeSecrets> = {
  words: "take the image away, clean the disks and put the image on again",
  destructive: true,
  timeoutMs: 7_200_000,
  undo: null,
  async preview(ctx, target) {
    const { kube, host } = await requireHost(ctx, target);
    const body = { metadata: meta(host, "preview"), spec: { image: null } };
    await kube.patch(hostPath(ctx, host), body, { dryRun: true });
    const mode = host.spec.automatedCleaningMode;
    return {
      steps: [
        `Take the image of host ${host.metadata.name} away: it is deprovisioned.`,
        "Put the same image back once it is available.",
      ],
      checks: [
        must("The server accepts the change", true, "rehearsed with dryRun=All"),
        ...checksOf(host),
        note(
          "Disks are wiped",
          false,
          mode === "disabled"
            ? "cleaning is disabled: what was on them stays"
            : "cleaning removes partition tables and signatures, and not what was written",
        ),
        note("Firmware", false, "stays as it is: compare its versions afterwards"),
      ],
    };
  },
  start: (ctx, target, key) =>
    untilStored(async (): Promise<Started> => {
      const { kube, host } = await requireHost(ctx, target);
      if (!isOurs(host, key)) {
        requireChecks(checksOf(host));
        await ctx.memory.put(memoryName(key), { image: host.spec.image });
        await kube.patch(hostPath(ctx, host), { metadata: meta(host, key), spec: { image: null } });
        return { again: false, detail: "The image is taken away", facts: factsOf(host) };
      }
      if (!isEmpty(host)) return { again: true, detail: "It was begun before", facts: factsOf(host) };
      const remembered = Remembered.safeParse(await ctx.memory.get(memoryName(key)));
      if (!remembered.success) {
        throw new ConnectorError("refused", "Which image it had is not known: put one on by hand");
      }
      const { image } = remembered.data;
      await kube.patch(hostPath(ctx, host), { metadata: meta(host, key), spec: { image } });
      return { again: false, detail: "The image is put on again", facts: factsOf(host) };
    }),
  async observe(ctx, target, key): Promise<Observation> {
    const { host } = await requireHost(ctx, target);
    const facts = factsOf(host);
    if (!isOurs(host, key)) {
      return { state: "not_started", detail: "This step took no image away", facts };
    }
    const { state } = host.status.provisioning;
    if (isEmpty(host)) {
      return {
        state: "running",
        detail: "It is clean and waits for its image",
        facts: { ...facts, next: true },
      };
    }
    // A host whose image was just put back is still called available; `provisioned` is told of the new one only,
    // because the state was another one in between.
    if (host.spec.image !== undefined && state === "provisioned") {
      return { state: "done", detail: "It is provisioned with its image", facts };
    }
    if (host.status.operationalStatus === "error") {
      return { state: "failed", detail: `The operator reports an error in the state ${state}`, facts };
    }
    return { state: "running", detail: `It is ${state || "in no state yet"}`, facts };
  },
};
