import { DeliveryList, DeliveryListQuery } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { deliveryList } from "#lib/services/notification/list";

/** GET /api/v1/notification-deliveries — the ledger: every message and how it went. */
export const GET = route({
  permission: "notify:read",
  operation: "notification_delivery.list",
  summary: "Messages and how they went, newest first",
  schemas: { query: DeliveryListQuery },
  output: DeliveryList,
  handle: (ctx, { query }) => deliveryList(ctx, query),
});
