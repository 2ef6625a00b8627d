/** SLSA verification summaries: whether the image that a node runs was built as it should be. */
import type { NodeIdentity, Reason, Verdict } from "#lib/domain/verdict";
import { type Source, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import { derivedVerdict } from "#lib/sources/shared/derived";
import { identityOf } from "#lib/sources/shared/identity";
import { MeasurementSet } from "#lib/sources/shared/measurements";
import { escapeSegment } from "#lib/sources/shared/pointer";
import { readJson, readOrRefuse, requireSize } from "#lib/sources/shared/refusal";
import { clip, scalarText } from "#lib/sources/shared/text";
import { requireWithinWindow, type StatedTimes } from "#lib/sources/shared/window";
import { openEnvelope } from "./dsse.ts";
import { readSummary, type Summary } from "./statement.ts";

const MAPPING_VERSION = "vsa/1";
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of both the in-toto Statement and every predicate inside it. */
const IN_TOTO = "application/vnd.in-toto+json";

/** Sent when a node joins, and not again: such a source has no expected cadence. */
export const vsaSource: Source = {
  kind: "vsa",
  label: "SLSA verification summary",
  guide: "connect-vsa",
  eventTypes: [VERDICT_EVENT_TYPE],
  unsignedAllowed: false,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: DAY_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
  interpret({ body, subject }, context) {
    return readOrRefuse(body, () => {
      requireSize(body);
      const { payload, signature } = openEnvelope(body, IN_TOTO, context.keys);
      const { summary, members } = readSummary(readJson(payload, "the statement", { integers: "text" }));
      const identity = identityOf({
        subject,
        pointer: context.settings.nodeIdPointer,
        payload: members,
        known: [],
      });
      const times = { issuedAtMs: summary.timeVerified, notBeforeMs: null, expiresAtMs: null };
      requireWithinWindow(times, context);
      const verdict = verdictOf(summary, times, identity);
      const rawMediaType = "application/vnd.dsse.envelope.v1+json";
      return { items: [{ kind: "verdict", verdict, raw: body, rawMediaType, signature }], rejections: [] };
    });
  },
};

/**
 * The table `vsa/1`. A summary is about an image as it was built: approved at boot (3), not while it
 * runs (2). It says nothing about the machine.
 */
function verdictOf(summary: Summary, times: StatedTimes, identity: NodeIdentity): Verdict {
  const { verifier, verificationResult, policy } = summary;
  return derivedVerdict({
    mappingVersion: MAPPING_VERSION,
    identity,
    submod: "image",
    times,
    vector: { executables: verificationResult === "PASSED" ? 3 : 96 },
    coverage: ["workload_image"],
    measurements: measurementsOf(summary),
    reasons: verificationResult === "PASSED" ? [] : [failure(summary)],
    policyIds: policy.uri === undefined ? [] : [policy.uri],
    verifier: { id: verifier.id, build: buildOf(verifier.version) },
    freshness: "result_only",
  });
}

function failure({ resourceUri, policy }: Summary): Reason {
  const detail = policy.uri === undefined ? resourceUri : `${resourceUri} against ${policy.uri}`;
  return {
    code: "vsa.failed",
    component: "executables",
    got: "FAILED",
    expected: "PASSED",
    detail: clip(detail, 500),
  };
}

/** Digests by artifact and algorithm, so that another image is a visible change. */
function measurementsOf({ subjects, resourceUri, verifiedLevels }: Summary): Verdict["measurements"] {
  const found = new MeasurementSet();
  found.add("resource-uri", resourceUri);
  found.add("verified-levels", verifiedLevels.toSorted().join(","));
  for (const { name, digest } of subjects) {
    for (const [alg, value] of Object.entries(digest)) {
      found.add(["subject", ...(name === "" ? [] : [escapeSegment(name)]), alg].join("/"), value);
    }
  }
  return found.all();
}

/** Versions of the verifier's parts, for example `slsa-verifier=2.6.0`. */
function buildOf(version: Summary["verifier"]["version"]): string | null {
  const parts = Object.entries(version ?? {}).flatMap(([part, value]) => {
    const text = scalarText(value);
    return text === null ? [] : [`${part}=${text}`];
  });
  return parts.length === 0 ? null : clip(parts.join(" "), 256);
}
