/** Taking a draft back. */
import { z } from "zod";
import { draftsWithdraw } from "#db/queries/baseline";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { lockedBaseline, versionOf } from "./find.ts";

/** @throws {ProblemError} `baseline/not-found`, `baseline/version-not-found`, `baseline/wrong-state` */
export const discardDraft = command({
  name: "baseline.discard",
  permission: "baseline:draft",
  input: z.strictObject({ baselineId: z.uuid(), version: z.int() }),
  target: ({ baselineId }) => baselineId,
  async run(tx, { actor }, { baselineId, version }) {
    const baseline = await lockedBaseline(tx, actor.trustDomainIds, baselineId);
    const { trustDomainId } = baseline;
    const { state } = await versionOf(tx, baseline, version);
    if (state !== "draft") {
      throw new ProblemError(
        "baseline/wrong-state",
        `Version ${version} is ${state}; only drafts are discarded.`,
      );
    }
    await draftsWithdraw(tx, { trustDomainId, baselineId });
    return {
      result: undefined,
      audit: {
        trustDomainId,
        entity: "baseline",
        entityId: baselineId,
        before: { version, state },
        after: { version, state: "withdrawn" },
      },
    };
  },
});
