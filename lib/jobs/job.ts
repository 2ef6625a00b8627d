/** Work that happens without a person waiting for it. */
import type { Db } from "#db/client";

export type JobContext = { db: Db; now: () => Date };

/**
 * A reconciler: it takes no payload but reads from the database what is due, so running it twice,
 * late or after a crash gives the same end state.
 */
export type Job = {
  readonly name: string;
  /** Time between two runs, in milliseconds. */
  readonly everyMs: number;
  /** Do one batch and say whether more is due. Must return soon after `signal` aborts. */
  run: (context: JobContext, signal: AbortSignal) => Promise<"idle" | "more">;
};
