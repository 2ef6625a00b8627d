import { UnattributedOverview, UnattributedOverviewQuery } from "#lib/contracts/event-link";
import { route } from "#lib/server/http/route";
import { unattributedOverview } from "#lib/services/event-link/overview";

/** GET /api/v1/unattributed-groups — events of no known node by source, caller and method. */
export const GET = route({
  permission: "fleet:read",
  operation: "event.groups",
  summary: "Unattributed bootstrap events in groups, and the links in force",
  schemas: { query: UnattributedOverviewQuery },
  output: UnattributedOverview,
  handle: (ctx, { query }) => unattributedOverview(ctx, query),
});
