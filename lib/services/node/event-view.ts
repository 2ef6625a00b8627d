/** A stored bootstrap event as the API shows it. */
import type { BootstrapEventRow } from "#db/queries/bootstrap-event";
import type { EventView } from "#lib/contracts/node";
import { iso } from "#lib/services/instant";

export function eventView(row: BootstrapEventRow): EventView {
  return {
    ...row,
    outcome: row.outcome as EventView["outcome"],
    occurredAt: iso(row.occurredAt),
    receivedAt: iso(row.receivedAt),
    identities: row.identities.map(({ kind, value }) => ({ kind, value })),
  };
}
