/** What an event says about where an image came from, in words. */
import type { EventView } from "#lib/contracts/node";

export function provenanceWords({ verified, by }: NonNullable<EventView["provenance"]>): string {
  const words = verified ? "Provenance verified" : "Provenance not verified";
  return by === null ? words : `${words} by ${by}`;
}
