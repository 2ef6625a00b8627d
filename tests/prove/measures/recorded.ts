/**
 * What people and the product recorded in a random history, as the second implementation knows it.
 *
 * Of what is kept in two times only what is believed is here: what was taken back is taken out again.
 */

/** A stretch of valid time; `toMs: null` = it goes on. */
export type Stretch = { fromMs: number; toMs: number | null };

export type Vote = { atMs: number; approves: boolean; samePlan: boolean };

export type Recorded = {
  transitions: { node: string; atMs: number; moved: boolean; to: string }[];
  compared: (Stretch & { node: string; baselines: number })[];
  findings: (Stretch & { node: string; layer: string; class: string; excused: boolean })[];
  identities: (Stretch & { node: string; kind: string; strong: boolean })[];
  alarms: (Stretch & { node: string })[];
  groups: (Stretch & { id: string; again: boolean; exception: string | null })[];
  decisions: { group: string; atMs: number; person: boolean }[];
  /** `toMs` = when it expires, `endedMs` = when somebody ended it before. */
  exceptions: { id: string; fromMs: number; toMs: number; endedMs: number | null }[];
  changes: { state: string; decidedMs: number | null; expiresMs: number; votes: Vote[] }[];
  remediations: {
    nodes: string[];
    action: string;
    origin: string;
    state: string;
    requestedMs: number;
    expiresMs: number;
    startedMs: number | null;
    endedMs: number | null;
    votes: Vote[];
    ratifiedMs: number | null;
  }[];
  expected: (Stretch & { overdueMs: number | null; enrolledMs: number | null })[];
  keys: { kid: string; createdMs: number; retiredMs: number | null; distrustedMs: number | null }[];
  logMs: number | null;
  checkpoints: number[];
  entries: { atMs: number; leaf: boolean }[];
  incidents: { openedMs: number; resolvedMs: number | null; review: string }[];
  sourceFindings: (Stretch & { kind: string })[];
  /** `seq: null` = it has no place in the order yet. */
  facts: { seq: number | null; kind: string; atMs: number }[];
  /** `told` by the beginning of the minute. */
  sinks: {
    id: string;
    kinds: readonly string[];
    countedMs: number;
    offMs: number | null;
    told: Map<number, { facts: number; late: number; missed: number; through: number }>;
    refused: { atMs: number; replayedMs: number | null }[];
  }[];
  /** `kid: null` = not signed; `verified: null` = nothing was said about it. */
  images: {
    node: string;
    source: string;
    kid: string | null;
    atMs: number;
    receivedMs: number;
    linked: boolean;
    verified: boolean | null;
  }[];
  grants: (Stretch & { strong: boolean; ownGift: boolean; confirmedMs: number[] })[];
};

export const nothingRecorded = (): Recorded => ({
  transitions: [],
  compared: [],
  findings: [],
  identities: [],
  alarms: [],
  groups: [],
  decisions: [],
  exceptions: [],
  changes: [],
  remediations: [],
  expected: [],
  keys: [],
  logMs: null,
  checkpoints: [],
  entries: [],
  incidents: [],
  sourceFindings: [],
  facts: [],
  sinks: [],
  images: [],
  grants: [],
});
