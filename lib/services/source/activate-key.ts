/** Second step of a rotation: the sender signs with the new key now. */
import { z } from "zod";
import { sourceKeyStep } from "#db/queries/source-key";
import { ActivateKeyBody } from "#lib/contracts/source";
import { command } from "#lib/services/command";
import { lockForStep } from "./key-step.ts";
import { sourceKeyView } from "./view.ts";

/**
 * Say that a prepared key is in use. It was believed before; from now on another one may be retired.
 *
 * @throws {ProblemError} `source/not-found`, `key/not-found`, `key/wrong-state`
 */
export const activateKey = command({
  name: "source_key.activate",
  permission: "source:manage",
  input: ActivateKeyBody.extend({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, ctx, { sourceId, kid }) {
    const { key, state } = await lockForStep(tx, ctx, { sourceId, kid, step: "activate" });
    const step = { state, activatedAt: ctx.now() };
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
