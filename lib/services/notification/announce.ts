/**
 * Telling of what happens: the event is written in the transaction of what it tells, and goes out afterwards.
 *
 * Whoever calls this decides nothing about who hears of it: that is what routes are for.
 */
import { clientOf, type Tx } from "#db/client";
import { announcementInsert } from "#db/queries/announcement";
import type { SqlClient } from "#db/transaction";
import { announcementOf, type NewEvent } from "#lib/domain/notify/event";
import { uuidv7 } from "#lib/services/uuidv7";

/** `at` = when it happened. */
export type NewAnnouncement = NewEvent & { at: Date };

/** Announce one event, or none, with the change that `tx` makes. */
export function announce(tx: Tx, ...events: readonly NewAnnouncement[]): Promise<void> {
  return announceAll(clientOf(tx), events);
}

/** The same for paths that write plain SQL; in the transaction of `client`. */
export function announceAll(client: SqlClient, events: readonly NewAnnouncement[]): Promise<void> {
  return announcementInsert(
    client,
    events.map((event) => announcementOf(event, uuidv7(event.at), event.at.getTime())),
  );
}
