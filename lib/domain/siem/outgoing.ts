/** A fact on its way out: what every wire is made of. */
import type { FeedItem } from "#lib/domain/feed/fact";
import { type Emitter, type OcsfEvent, SEVERITY, type Severity } from "#lib/domain/ocsf/event";
import { ocsfOf } from "#lib/domain/ocsf/of-item";

export type Outgoing = {
  /** Stable over every attempt: what receivers know a repetition by. */
  id: string;
  seq: number;
  trustDomainId: string;
  /** `node.trust_changed.v1`: lower case, dots and underscores; the last part is the version. */
  type: string;
  severity: Severity;
  /** When it happened, and when we came to know it. */
  timeMs: number;
  knownMs: number;
  node: { id: string; name: string } | null;
  /** One sentence for people. */
  message: string;
  event: OcsfEvent;
};

/** Most bytes of an event in JSON: what a receiver may refuse for its size would be lost to it. */
const MAX_EVENT_BYTES = 60_000;

/** `null` = there is nothing to say about the fact. */
export function outgoingOf(item: FeedItem, emitter: Emitter): Outgoing | null {
  const event = ocsfOf(item, emitter);
  if (!event) return null;
  const severity = (Object.keys(SEVERITY) as Severity[]).find((name) => SEVERITY[name] === event.severity_id);
  return {
    id: item.id,
    seq: item.seq,
    trustDomainId: item.trustDomainId,
    type: typeOf(item),
    severity: severity ?? "informational",
    timeMs: event.time,
    knownMs: item.atMs,
    node: item.node,
    message: event.message,
    event: bounded(event),
  };
}

function typeOf({ fact }: FeedItem): string {
  switch (fact.kind) {
    case "trust":
      return fact.change === "entered" ? "node.trust_changed.v1" : "node.trust_withdrawn.v1";
    case "lifecycle":
      return fact.outcome === "moved" ? "node.lifecycle_changed.v1" : "node.lifecycle_refused.v1";
    case "drift":
      return { opened: "drift.detected.v1", closed: "drift.resolved.v1", withdrawn: "drift.withdrawn.v1" }[
        fact.change
      ];
    case "incident":
      return fact.step === "opened"
        ? "incident.opened.v1"
        : fact.step === "resolved"
          ? "incident.closed.v1"
          : "incident.updated.v1";
    case "control":
      return "control.reported.v1";
    case "audit":
      return "audit.recorded.v1";
  }
}

/** What makes an event too large are the two sides of an audited change: they go, and the event says so. */
function bounded(event: OcsfEvent): OcsfEvent {
  // A character of UTF-16 has at most three bytes in UTF-8.
  const size = JSON.stringify(event).length * 3;
  if (size <= MAX_EVENT_BYTES * 3) return event;
  const { before: _before, after: _after, ...unmapped } = event.unmapped as Record<string, unknown>;
  const metadata = event.metadata as Record<string, unknown>;
  return { ...event, unmapped, metadata: { ...metadata, is_truncated: true } };
}
