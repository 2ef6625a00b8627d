/** Writing a new draft. Versions never change: an edited draft is a new version, and the old one is withdrawn. */
import { z } from "zod";
import { DraftBody } from "#lib/contracts/baseline";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { addDraft } from "./add-draft.ts";
import { authorOf } from "./create.ts";
import { lockedBaseline } from "./find.ts";
import { type DocumentReader, makeContent } from "./make-content.ts";

/**
 * @param reader from the composition root
 * @throws {ProblemError} `baseline/not-found`, or what making the content refuses with
 */
export function draftVersion(
  ctx: ServiceContext,
  body: DraftBody & { baselineId: string },
  reader: DocumentReader,
): Promise<{ version: number }> {
  const draft = command({
    name: "baseline.draft",
    permission: "baseline:draft",
    input: DraftBody.extend({ baselineId: z.uuid() }),
    target: ({ baselineId }) => baselineId,
    async run(tx, { actor, now }, { baselineId, origin, note }) {
      const baseline = await lockedBaseline(tx, actor.trustDomainIds, baselineId);
      const { trustDomainId } = baseline;
      const made = await makeContent(tx, trustDomainId, origin, baseline, reader);
      const { content, detail: originDetail } = made;
      const draft = { content, origin: origin.kind, originDetail, note, author: authorOf(ctx) };
      const added = await addDraft(tx, baseline, draft, now());
      const { version, withdrawn, digest } = added;
      return {
        result: { version },
        audit: {
          trustDomainId,
          entity: "baseline",
          entityId: baselineId,
          before: { withdrawn },
          after: { version, origin: origin.kind, digest },
        },
      };
    },
  });
  return draft(ctx, body);
}
