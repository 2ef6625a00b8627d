/** A node as it is listed, as OCSF Device Inventory Info (5001). */
import { isoInstant } from "#lib/domain/iso-instant";
import { deviceOf, type Emitter, type EventClass, eventOf, type OcsfEvent } from "./event.ts";

const CLASS: EventClass = {
  uid: 5001,
  name: "Device Inventory Info",
  categoryUid: 5,
  categoryName: "Discovery",
  activities: { 2: "Collect" },
};

export type InventoryNode = {
  trustDomainId: string;
  nodeId: string;
  name: string;
  status: string;
  reason: string;
  lifecycle: string;
  firstSeenMs: number;
  sinceMs: number;
};

/** @param collectedMs when the list was read: an inventory event is about a moment, and has no place in the feed */
export function inventoryOf(listed: InventoryNode, collectedMs: number, emitter: Emitter): OcsfEvent {
  const node = { id: listed.nodeId, name: listed.name };
  const item = {
    trustDomainId: listed.trustDomainId,
    id: `${listed.nodeId}/${collectedMs}`,
    seq: 0,
    atMs: collectedMs,
    node,
  };
  return eventOf(CLASS, item, "inventory", emitter, {
    activityId: 2,
    severity: "informational",
    message: `${listed.name} is ${listed.status}: ${listed.reason}`,
    timeMs: collectedMs,
    attributes: {
      device: deviceOf(node, {
        is_trusted: listed.status === "trusted",
        first_seen_time: listed.firstSeenMs,
      }),
      status_detail: listed.reason,
    },
    unmapped: {
      trust_status: listed.status,
      since: isoInstant(listed.sinceMs),
      lifecycle_state: listed.lifecycle,
    },
  });
}
