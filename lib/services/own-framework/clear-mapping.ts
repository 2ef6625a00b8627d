/** Taking back what a control of an imported framework is mapped to. */
import { z } from "zod";
import { mappingInsert, mappingOf } from "#db/queries/own-framework";
import { ClearMappingBody } from "#lib/contracts/own-framework";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { lockFramework } from "./lock.ts";
import { mappingSaid } from "./mapping-said.ts";

/**
 * The control is for people then, as one that nobody ever mapped. A control that the document has no more can be cleared
 * as well.
 *
 * @throws {ProblemError} `compliance/unknown-framework`, `compliance/framework-retired`, `compliance/not-mapped`
 */
export const clearMapping = command({
  name: "control_mapping.clear",
  permission: "compliance:manage",
  input: ClearMappingBody.extend({ frameworkId: z.string().max(100) }),
  target: ({ frameworkId, control }) => `${frameworkId} ${control}`,
  async run(tx, ctx, { frameworkId, control, reason }) {
    const actor = personActor(ctx.actor);
    const framework = await lockFramework(tx, actor.trustDomainIds, frameworkId);
    const before = await mappingOf(tx, framework, control);
    if (!before || before.kind === "cleared") {
      throw new ProblemError("compliance/not-mapped", `The control ${control} is mapped to nothing.`);
    }
    await mappingInsert(tx, {
      ...{ trustDomainId: framework.trustDomainId, frameworkId: framework.id, control },
      ...{ version: before.version + 1, recordedAt: ctx.now(), recordedBy: actor.id },
      ...{ kind: "cleared", measures: [], covers: null, notCovered: null, reason },
    });
    return {
      result: { framework: frameworkId, control },
      audit: {
        ...{ trustDomainId: framework.trustDomainId, entity: "control_mapping" },
        entityId: `${frameworkId} ${control}`,
        before: mappingSaid(before),
        after: { kind: "cleared", reason },
      },
    };
  },
});
