/** Facts get their places in the order that sinks follow, and old ones are forgotten. */
import { trustDomainIds } from "#db/queries/trust-domain";
import { forgetFacts, orderFacts } from "#lib/services/feed/order";
import type { Job } from "./job.ts";

export const orderFeed: Job = {
  name: "order-facts",
  everyMs: 2_000,
  async run({ db }, signal) {
    let more = false;
    for (const trustDomainId of await trustDomainIds(db)) {
      if (signal.aborted) return "idle";
      more = (await orderFacts(db, trustDomainId))?.full || more;
    }
    return more ? "more" : "idle";
  },
};

export const forgetFeed: Job = {
  name: "forget-facts",
  everyMs: 600_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const trustDomainId of await trustDomainIds(db)) {
      if (signal.aborted) return "idle";
      more = (await forgetFacts(db, trustDomainId, now())) || more;
    }
    return more ? "more" : "idle";
  },
};
