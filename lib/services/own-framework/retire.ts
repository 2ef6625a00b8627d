/** Retiring an imported framework. */
import { z } from "zod";
import { frameworkVersions, ownFrameworkRetire } from "#db/queries/own-framework";
import { ReasonBody } from "#lib/contracts/identity";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { lockFramework } from "./lock.ts";

/**
 * It can be read as before, with its reports; nothing new is imported, mapped, noted or reported. Nothing brings it back.
 *
 * @throws {ProblemError} `compliance/unknown-framework`, `compliance/framework-retired`
 */
export const retireFramework = command({
  name: "framework.retire",
  permission: "compliance:manage",
  input: ReasonBody.extend({ frameworkId: z.string().max(100) }),
  target: ({ frameworkId }) => frameworkId,
  async run(tx, ctx, { frameworkId, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const framework = await lockFramework(tx, actor.trustDomainIds, frameworkId);
    const [newest] = await frameworkVersions(tx, framework, at);
    await ownFrameworkRetire(tx, framework, { retiredAt: at, retiredBy: actor.id, retiredReason: reason });
    const retiredAt = at.toISOString();
    return {
      result: { id: frameworkId, retiredAt },
      audit: {
        ...{ trustDomainId: framework.trustDomainId, entity: "framework", entityId: frameworkId },
        before: newest ? { title: newest.title, version: newest.version } : null,
        after: { retiredAt, reason },
      },
    };
  },
});
