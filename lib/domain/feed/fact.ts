/** What happened, as it is told to other systems: one fact per change, in the words of the product. */
import type { ControlStatus } from "#lib/domain/measure/control";
import type { MeasureResult } from "#lib/domain/measure/measure";
import type { TrustStatus } from "#lib/domain/trust-status";

export const FACT_KINDS = ["trust", "lifecycle", "drift", "incident", "control", "audit"] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** From an instant on the node has a status; `withdrawn` = it had been said, and is not believed any more. */
export type TrustFact = {
  kind: "trust";
  change: "entered" | "withdrawn";
  status: TrustStatus;
  /** The status just before; `null` = nothing was believed before. */
  before: TrustStatus | null;
  reason: string;
  policyVersion: string;
  fromMs: number;
};

/** A step of a node's life that was made or refused. */
export type LifecycleFact = {
  kind: "lifecycle";
  outcome: "moved" | "refused";
  from: string;
  /** `null` = whatever was asked for, the rule forbids it. */
  to: string | null;
  event: string;
  /** Why it was refused; `null` when it was made. */
  why: string | null;
  actor: { kind: string; id: string | null };
  /** What caused it: a bootstrap event, an order, a verdict; `null` = a timer or the node's own line. */
  causeId: string | null;
  atMs: number;
};

/** A difference between evidence and a baseline that began or ended. */
export type DriftFact = {
  kind: "drift";
  change: "opened" | "closed" | "withdrawn";
  /** Hex; equal on every node with the same change. */
  fingerprint: string;
  path: string;
  /** `added`, `removed`, `changed`, … */
  difference: string;
  layer: string;
  class: string;
  effect: string;
  why: string;
  expected: readonly string[];
  actual: string | null;
  baselineId: string;
  baselineVersion: number;
  sourceId: string;
  submod: string;
  /** Somebody allows it for now. */
  isExcepted: boolean;
  score: number;
  fromMs: number;
  toMs: number | null;
};

/** A line of the course of an incident, with the incident as it was then. */
export type IncidentFact = {
  kind: "incident";
  /** `opened`, `spread`, `breaker`, `owner`, `note`, `linked`, `resolved` */
  step: string;
  text: string;
  incidentId: string;
  incidentKind: string;
  title: string;
  cause: string;
  breaker: boolean;
  nodes: number;
  openedMs: number;
};

/** What a frozen report says of one control of its framework. */
export type ControlFact = {
  kind: "control";
  reportId: string;
  reportTitle: string;
  framework: { id: string; title: string; edition: string };
  control: { id: string; line: string };
  status: ControlStatus;
  /** Of the period before. */
  previousStatus: ControlStatus | null;
  /** Those that speak to it; `result` null = a figure to watch. */
  measures: readonly { id: string; title: string; result: MeasureResult | null }[];
  notCovered: string;
  /** The period of the report, `[fromMs, toMs)`, by what was known at `knownMs`. */
  fromMs: number;
  toMs: number;
  knownMs: number;
};

/** An entry of the audit log, with its place there. */
export type AuditFact = {
  kind: "audit";
  action: string;
  actorKind: string;
  actorId: string;
  /** E-mail of a person or name of a service account, as it was when it was told; `null` = not known. */
  actorName: string | null;
  entity: string;
  entityId: string;
  outcome: string;
  problemCode: string | null;
  address: string | null;
  requestId: string;
  before: unknown;
  after: unknown;
  leafIndex: number;
  /** Hex SHA-256 that the audit log commits to. */
  leafHash: string;
  /** Of the entry before; `null` = it is the first, or that one is gone. */
  previous: { entryId: string; leafHash: string } | null;
};

export type Fact = TrustFact | LifecycleFact | DriftFact | IncidentFact | ControlFact | AuditFact;

/** A fact with what tells it from all others. `seq` counts up by one within a trust domain. */
export type FeedItem = {
  trustDomainId: string;
  id: string;
  seq: number;
  atMs: number;
  /** `null` = it is about no single node. */
  node: { id: string; name: string } | null;
  fact: Fact;
};
