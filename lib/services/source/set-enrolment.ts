/** Whether nodes that a source introduces wait for a person. */
import { z } from "zod";
import { sourceLock, sourceSetEnrolment } from "#db/queries/source";
import { SourceEnrolmentBody } from "#lib/contracts/enrolment";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";

/**
 * Set it for nodes that appear from now on; those that wait keep waiting, those that are in stay in.
 *
 * @throws {ProblemError} `source/not-found`
 */
export const setSourceEnrolment = command({
  name: "source.enrolment",
  permission: "source:manage",
  input: SourceEnrolmentBody.extend({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, { actor }, { sourceId, enrolment }) {
    const before = await sourceLock(tx, actor.trustDomainIds, sourceId);
    if (!before) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
    await sourceSetEnrolment(tx, before, enrolment);
    return {
      result: { enrolment },
      audit: {
        trustDomainId: before.trustDomainId,
        entity: "source",
        entityId: sourceId,
        before: { enrolment: before.enrolment },
        after: { enrolment },
      },
    };
  },
});
