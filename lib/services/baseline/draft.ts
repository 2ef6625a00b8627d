/** Writing a new draft. Versions never change: an edited draft is a new version, and the old one is withdrawn. */
import { z } from "zod";
import { contentDigest } from "#db/baseline-soundness";
import type { Tx } from "#db/client";
import { type BaselineRow, draftsWithdraw, versionInsert, versionList } from "#db/queries/baseline";
import { DraftBody } from "#lib/contracts/baseline";
import type { BaselineContent } from "#lib/domain/baseline";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { authorOf } from "./create.ts";
import { lockedBaseline } from "./find.ts";
import { type DocumentReader, makeContent } from "./make-content.ts";

export type NewDraft = {
  content: BaselineContent;
  /** `golden_node`, `cohort`, `keylime`, `document` or `drift`. */
  origin: string;
  originDetail: Record<string, unknown>;
  note: string;
};

/** Add a draft to a baseline that the caller holds; drafts before it are withdrawn. */
export async function addDraft(
  tx: Tx,
  ctx: ServiceContext,
  { trustDomainId, id }: BaselineRow,
  draft: NewDraft,
): Promise<{ version: number; withdrawn: number[]; digest: string }> {
  const withdrawn = await draftsWithdraw(tx, { trustDomainId, baselineId: id });
  const [newest] = await versionList(tx, [trustDomainId], [id]);
  const version = (newest?.version ?? 0) + 1;
  const digest = contentDigest(draft.content);
  await versionInsert(tx, {
    ...draft,
    trustDomainId,
    baselineId: id,
    version,
    digest: Buffer.from(digest, "hex"),
    author: authorOf(ctx),
    createdAt: ctx.now(),
    state: "draft",
  });
  return { version, withdrawn, digest };
}

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
    async run(tx, { actor }, { baselineId, origin, note }) {
      const baseline = await lockedBaseline(tx, actor.trustDomainIds, baselineId);
      const { trustDomainId } = baseline;
      const made = await makeContent(tx, trustDomainId, origin, baseline, reader);
      const { content, detail: originDetail } = made;
      const added = await addDraft(tx, ctx, baseline, { content, origin: origin.kind, originDetail, note });
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
