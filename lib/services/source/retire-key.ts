/** Last step of a rotation: the old key ends. */
import { z } from "zod";
import { sourceKeyStep } from "#db/queries/source-key";
import { RetireKeyBody } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { lockForStep } from "./key-step.ts";
import { sourceKeyView } from "./view.ts";

/**
 * End a key: what is signed with it after now and the grace period is refused. What it signed before
 * still counts, however late it arrives.
 *
 * @throws {ProblemError} `source/not-found`, `key/not-found`, `key/wrong-state`; `key/last-active` when
 *   no other key is active, for then everything would be refused
 */
export const retireKey = command({
  name: "source_key.retire",
  permission: "source:manage",
  input: RetireKeyBody.extend({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, ctx, { sourceId, kid, graceSeconds }) {
    const { key, state, others } = await lockForStep(tx, ctx, { sourceId, kid, step: "retire" });
    if (key.state === "active" && !others.some((other) => other.state === "active")) {
      const detail =
        "Activate another key first, or disable the source: without an active key all is refused.";
      throw new ProblemError("key/last-active", detail);
    }
    const validTo = ctx.now();
    const step = { state, validTo, acceptUntil: new Date(validTo.getTime() + graceSeconds * 1_000) };
    await sourceKeyStep(tx, key, step);
    const before = sourceKeyView(key);
    const result = sourceKeyView({ ...key, ...step });
    const { trustDomainId } = key;
    return {
      result,
      audit: { trustDomainId, entity: "source_key", entityId: sourceId, before, after: result },
    };
  },
});
