/** The outbox: events that wait for somebody to look who wants to hear of them. Raw SQL. */
import type { ClientBase } from "pg";
import type { Announcement } from "#lib/domain/notify/event";
import { insertRows, type RowValue } from "./insert-rows.ts";

/** In the transaction of what the events tell, else they may tell of what never happened. */
export async function announcementInsert(client: ClientBase, events: readonly Announcement[]): Promise<void> {
  await insertRows(
    client,
    {
      name: "announcement_insert",
      table: "announcement",
      columns: [
        "trust_domain_id",
        "id",
        "kind",
        "severity",
        "thread",
        "effect",
        "labels",
        "title",
        "summary",
        "link",
        "at",
      ],
      suffix: "",
    },
    events.map(
      ({
        trustDomainId,
        id,
        kind,
        severity,
        thread,
        effect,
        labels,
        title,
        summary,
        link,
        atMs,
      }): RowValue[] => [
        trustDomainId,
        id,
        kind,
        severity,
        thread,
        effect,
        JSON.stringify(labels),
        title,
        summary,
        link,
        new Date(atMs),
      ],
    ),
  );
}
