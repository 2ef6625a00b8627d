/** Setting when silence of a source begins to count. */
import { z } from "zod";
import { sourceFind, sourceSetLimit } from "#db/queries/source";
import { SetSilenceLimitBody, type SilenceLimitView } from "#lib/contracts/source";
import { type Epoch, limitEpochs } from "#lib/domain/cadence";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { limitView } from "./limit-view.ts";

/**
 * Set a fixed limit, a learnt one, or none.
 *
 * History is judged by it from then on: the worker derives the gaps again as a correction, and what
 * was believed before can still be asked for.
 *
 * @throws {ProblemError} `source/not-found`; `request/invalid` when the bounds contradict each other
 */
export const setSilenceLimit = command({
  name: "source.set_limit",
  permission: "source:manage",
  input: z.strictObject({ sourceId: z.uuid(), limit: SetSilenceLimitBody }),
  target: ({ sourceId }) => sourceId,
  async run(
    tx,
    { actor },
    { sourceId, limit },
  ): Promise<{
    result: SilenceLimitView;
    audit: { trustDomainId: string; entity: string; entityId: string; before: unknown; after: unknown };
  }> {
    const scope = actor.trustDomainIds;
    const before = await sourceFind(tx, scope, sourceId);
    if (!before) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
    if (limit.mode === "learnt" && limit.floorMs > limit.capMs) {
      const detail = "The smallest limit must not exceed the largest.";
      throw new ProblemError("request/invalid", detail, {
        pointers: [{ pointer: "#/limit/floorMs", detail }],
      });
    }
    const row = await sourceSetLimit(tx, before, (current) => {
      if (limit.mode !== "learnt") {
        const staleAfterMs = limit.mode === "fixed" ? limit.staleAfterMs : null;
        return { limitMode: "fixed", staleAfterMs, limitInitialMs: null, limitFromMs: null, limitMs: null };
      }
      const { factor, floorMs, capMs } = limit;
      const initialMs = current.limitInitialMs ?? current.staleAfterMs ?? capMs;
      const cadence = (current.cadenceFromMs ?? []).map(
        (fromMs, index): Epoch => ({ fromMs, ms: current.cadenceMs?.[index] ?? 0 }),
      );
      const epochs = limitEpochs(cadence, initialMs, limit);
      return {
        limitMode: "learnt",
        limitFactor: factor,
        limitFloorMs: floorMs,
        limitCapMs: capMs,
        limitInitialMs: initialMs,
        limitFromMs: epochs.map(({ fromMs }) => fromMs),
        limitMs: epochs.map(({ ms }) => ms),
        staleAfterMs: epochs.at(-1)?.ms ?? initialMs,
      };
    });
    const result = limitView(row);
    return {
      result,
      audit: {
        trustDomainId: before.trustDomainId,
        entity: "source",
        entityId: sourceId,
        before: limitView(before),
        after: result,
      },
    };
  },
});
