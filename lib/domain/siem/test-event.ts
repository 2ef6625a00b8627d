/** An event that says nothing but that the way is open. */
import { type Emitter, eventOf } from "#lib/domain/ocsf/event";
import type { Outgoing } from "./outgoing.ts";

const CLASS = {
  uid: 0,
  name: "Base Event",
  categoryUid: 0,
  categoryName: "Uncategorized",
  activities: { 99: "Test" },
};

/** Its place is 0, which no fact has. */
export function testEventOf(
  { trustDomainId, id, nowMs }: { trustDomainId: string; id: string; nowMs: number },
  emitter: Emitter,
): Outgoing {
  const message = "A test from Touchstone. Nothing happened.";
  const item = { trustDomainId, id, seq: 0, atMs: nowMs, node: null };
  const event = eventOf(CLASS, item, "test", emitter, {
    activityId: 99,
    severity: "informational",
    message,
    timeMs: nowMs,
    attributes: {},
    unmapped: { test: true },
  });
  const about = { id, seq: 0, trustDomainId, timeMs: nowMs, knownMs: nowMs, node: null };
  return { ...about, type: "test.v1", severity: "informational", message, event };
}
