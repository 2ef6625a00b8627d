/** NVIDIA Remote Attestation Service: signed results about the GPUs of one machine. */
import { type Source, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import { derivedVerdict } from "#lib/sources/shared/derived";
import { appraiseGpu, underOverallResult } from "#lib/sources/shared/gpu";
import { identityOf, type NamingClaim } from "#lib/sources/shared/identity";
import { readOrRefuse, requireSize } from "#lib/sources/shared/refusal";
import { requireWithinWindow } from "#lib/sources/shared/window";
import { openBundle } from "./bundle.ts";

const MINUTE_MS = 60_000;
const MAPPING_VERSION = "nvidia/1";

/** One bundle gives one verdict per GPU, all of one node. */
export const nvidiaSource: Source = {
  kind: "nvidia",
  label: "NVIDIA Remote Attestation Service",
  guide: "connect-nvidia",
  eventTypes: [VERDICT_EVENT_TYPE],
  unsignedAllowed: false,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: 5 * MINUTE_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: 90 * MINUTE_MS,
  },
  interpret({ body, subject }, context) {
    return readOrRefuse(body, async () => {
      requireSize(body);
      const { issuer, passed, times, claims, gpus, signature } = await openBundle(body, context.keys);
      const appraised = gpus.map((gpu) => ({ ...gpu, appraisal: appraiseGpu(gpu.claims, gpu.name) }));
      const identity = identityOf({
        subject,
        pointer: context.settings.nodeIdPointer,
        payload: claims,
        known: gpus.length === 1 ? [ueidOf(gpus)] : [],
      });
      for (const stated of [times, ...gpus.map(({ times }) => times)]) requireWithinWindow(stated, context);
      const verdicts = underOverallResult(passed, (stated, reasons) =>
        appraised.map(({ name, times, appraisal }) =>
          derivedVerdict({
            mappingVersion: MAPPING_VERSION,
            identity,
            submod: name,
            times,
            policyIds: [],
            verifier: { id: issuer, build: null },
            ...appraisal,
            stated,
            reasons: [...reasons, ...appraisal.reasons],
          }),
        ),
      );
      const origin = { raw: body, rawMediaType: "application/json", signature };
      const items = verdicts.map((verdict) => ({ kind: "verdict" as const, verdict, ...origin }));
      return { items, rejections: [] };
    });
  },
};

/** A GPU names a machine only while it is the only one; several would make one machine many. */
function ueidOf(gpus: readonly { claims: Readonly<Record<string, unknown>> }[]): NamingClaim {
  return { kind: "ueid", name: "ueid", values: gpus.map(({ claims }) => claims.ueid) };
}
