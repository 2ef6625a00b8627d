/** Sinks are told what is new. */
import { deliverNext } from "#lib/services/sink/deliver";
import type { SinkTools } from "#lib/services/sink/tools";
import type { Job } from "./job.ts";

/** Sinks that are told side by side, so that a slow receiver does not hold up the others. */
const LANES = 4;

export function deliverFacts(tools: SinkTools): Job {
  return {
    name: "deliver-facts",
    everyMs: 2_000,
    async run({ db, now }, signal) {
      const turns = await Promise.all(
        Array.from({ length: LANES }, () => deliverNext({ db, tools, now, signal })),
      );
      return !signal.aborted && turns.some((turn) => turn === true) ? "more" : "idle";
    },
  };
}
