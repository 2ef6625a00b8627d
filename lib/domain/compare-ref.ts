/**
 * How one side of a comparison is named.
 *
 * `now`, `lastTrusted`, an instant in UTC, `node:ID` with an optional `@instant` (or `@lastTrusted`), or
 * `baseline:ID` with an optional `@VERSION`.
 */

export type CompareTime = { kind: "now" } | { kind: "lastTrusted" } | { kind: "instant"; iso: string };

export type CompareRef =
  /** `nodeId` is `null` for the node that the comparison is about. */
  | { kind: "node"; nodeId: string | null; at: CompareTime }
  /** `version` is `null` for whatever holds for the node at the instant of the other side. */
  | { kind: "baseline"; baselineId: string; version: number | null };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const VERSION = /^[1-9]\d{0,6}$/;
/** The form only: whether the day exists is for whoever turns it into an instant. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z$/;

/** @returns `null` when the text names nothing that can be compared */
export function parseCompareRef(text: string): CompareRef | null {
  if (text.startsWith("baseline:")) return baselineOf(text.slice("baseline:".length));
  if (!text.startsWith("node:")) {
    const at = timeOf(text);
    return at && { kind: "node", nodeId: null, at };
  }
  const [nodeId = "", time, ...rest] = text.slice("node:".length).split("@");
  const at = timeOf(time ?? "now");
  return UUID.test(nodeId) && at && rest.length === 0
    ? { kind: "node", nodeId: nodeId.toLowerCase(), at }
    : null;
}

/** The text of a reference, so that {@link parseCompareRef} reads the same from it. */
export function formatCompareRef(ref: CompareRef): string {
  if (ref.kind === "baseline") {
    return ref.version === null ? `baseline:${ref.baselineId}` : `baseline:${ref.baselineId}@${ref.version}`;
  }
  const time = ref.at.kind === "instant" ? ref.at.iso : ref.at.kind;
  if (ref.nodeId === null) return time;
  return ref.at.kind === "now" ? `node:${ref.nodeId}` : `node:${ref.nodeId}@${time}`;
}

function baselineOf(text: string): CompareRef | null {
  const [baselineId = "", version, ...rest] = text.split("@");
  if (!UUID.test(baselineId) || rest.length > 0) return null;
  if (version !== undefined && !VERSION.test(version)) return null;
  return {
    kind: "baseline",
    baselineId: baselineId.toLowerCase(),
    version: version === undefined ? null : Number(version),
  };
}

function timeOf(text: string): CompareTime | null {
  if (text === "now" || text === "lastTrusted") return { kind: text };
  return INSTANT.test(text) ? { kind: "instant", iso: text } : null;
}
