/** The one way to add a draft version, whatever it was made of. */
import { contentDigest } from "#db/baseline-soundness";
import type { Tx } from "#db/client";
import { type BaselineRow, draftsWithdraw, versionInsert, versionList } from "#db/queries/baseline";
import type { BaselineContent } from "#lib/domain/baseline";

export type NewDraft = {
  content: BaselineContent;
  /** `golden_node`, `cohort`, `keylime`, `document` or `drift`. */
  origin: string;
  originDetail: Record<string, unknown>;
  note: string;
  /** Id of the person; `null` = none. */
  author: string | null;
};

/** Add a draft to a baseline that the caller holds; drafts before it are withdrawn. */
export async function addDraft(
  tx: Tx,
  { trustDomainId, id }: Pick<BaselineRow, "trustDomainId" | "id">,
  draft: NewDraft,
  now: Date,
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
    createdAt: now,
    state: "draft",
  });
  return { version, withdrawn, digest };
}
