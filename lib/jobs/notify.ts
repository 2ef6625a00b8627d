/** Telling people: events are routed, and messages are sent. */

import { deliverDue } from "#lib/services/notification/deliver";
import { routeEvents } from "#lib/services/notification/route-events";
import type { NotifyTools } from "#lib/services/notification/tools";
import type { Job } from "./job.ts";

export function routeNotifications({ kinds }: Pick<NotifyTools, "kinds">): Job {
  return {
    name: "route-notifications",
    everyMs: 2_000,
    async run({ db, now }) {
      return (await routeEvents(db.$client, kinds, now())) ? "more" : "idle";
    },
  };
}

export function deliverNotifications(tools: NotifyTools): Job {
  return {
    name: "deliver-notifications",
    everyMs: 2_000,
    async run({ db, now }, signal) {
      return (await deliverDue(db.$client, tools, now, signal)) ? "more" : "idle";
    },
  };
}
