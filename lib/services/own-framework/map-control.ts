/** Mapping a control of an imported framework. */
import { z } from "zod";
import { frameworkHasControl, frameworkVersions, mappingInsert, mappingOf } from "#db/queries/own-framework";
import { MapControlBody, type MappingTarget } from "#lib/contracts/own-framework";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { lockFramework } from "./lock.ts";
import { mappingSaid } from "./mapping-said.ts";

/**
 * From now on its status follows from what it is mapped to, over any period. Reports that are frozen stay as they are,
 * and `knownAt` shows what it was before.
 *
 * @throws {ProblemError} `compliance/unknown-framework`, `compliance/unknown-control`, `compliance/framework-retired`
 */
export const mapControl = command({
  name: "control_mapping.set",
  permission: "compliance:manage",
  input: MapControlBody.extend({ frameworkId: z.string().max(100) }),
  target: ({ frameworkId, control }) => `${frameworkId} ${control}`,
  async run(tx, ctx, { frameworkId, control, to }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const framework = await lockFramework(tx, actor.trustDomainIds, frameworkId);
    const [newest] = await frameworkVersions(tx, framework, at);
    if (!newest || !(await frameworkHasControl(tx, newest, control))) {
      throw new ProblemError("compliance/unknown-control", `The framework has no control ${control}.`);
    }
    const before = await mappingOf(tx, framework, control);
    const row = {
      ...{ trustDomainId: framework.trustDomainId, frameworkId: framework.id, control },
      ...{ version: (before?.version ?? 0) + 1, recordedAt: at, recordedBy: actor.id },
      ...columnsOf(to),
    };
    await mappingInsert(tx, row);
    return {
      result: { framework: frameworkId, control },
      audit: {
        ...{ trustDomainId: framework.trustDomainId, entity: "control_mapping" },
        entityId: `${frameworkId} ${control}`,
        before: before ? mappingSaid(before) : null,
        after: mappingSaid(row),
      },
    };
  },
});

function columnsOf(to: MappingTarget) {
  return to.kind === "measures"
    ? {
        ...{ kind: to.kind, measures: to.measures, covers: to.covers, notCovered: to.notCovered },
        reason: null,
      }
    : { kind: to.kind, measures: [], covers: null, notCovered: null, reason: to.reason };
}
