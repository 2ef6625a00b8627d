/** A new baseline with its first draft. */

import { contentDigest } from "#db/baseline-soundness";
import { baselineInsert, versionInsert } from "#db/queries/baseline";
import { sourceFind } from "#db/queries/source";
import { CreateBaselineBody } from "#lib/contracts/baseline";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { type DocumentReader, makeContent } from "./make-content.ts";
import { requireSelector } from "./tools.ts";

/** The account that wrote something; `null` for keys and our own processes. */
export const authorOf = ({ actor }: ServiceContext): string | null =>
  actor.kind === "user" ? actor.id : null;

/**
 * Create a baseline. Nothing is expected of any node before its draft is published and rolled out.
 *
 * @param reader from the composition root
 * @throws {ProblemError} `baseline/name-taken`, `source/not-found`, or what making the content refuses with
 */
export function createBaseline(
  ctx: ServiceContext,
  body: CreateBaselineBody,
  reader: DocumentReader,
): Promise<{ id: string; version: number }> {
  const create = command({
    name: "baseline.create",
    permission: "baseline:draft",
    input: CreateBaselineBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, { origin, note, ...about }) {
      const trustDomainId = domainFor(actor);
      requireSelector(about.selector, "#/selector");
      if (about.sourceId !== null && !(await sourceFind(tx, [trustDomainId], about.sourceId))) {
        throw new ProblemError("source/not-found", `No source ${about.sourceId}.`);
      }
      const made = await makeContent(tx, trustDomainId, origin, about, reader);
      const createdAt = now();
      const id = uuidv7(createdAt);
      const row = { ...about, trustDomainId, id, createdBy: authorOf(ctx), createdAt };
      if (!(await baselineInsert(tx, row))) {
        throw new ProblemError("baseline/name-taken", `There is a baseline called "${about.name}" already.`);
      }
      const digest = contentDigest(made.content);
      await versionInsert(tx, {
        trustDomainId,
        baselineId: id,
        version: 1,
        digest: Buffer.from(digest, "hex"),
        content: made.content,
        origin: origin.kind,
        originDetail: made.detail,
        note,
        author: authorOf(ctx),
        createdAt,
        state: "draft",
      });
      const after = { ...about, version: 1, origin: origin.kind, digest };
      return {
        result: { id, version: 1 },
        audit: { trustDomainId, entity: "baseline", entityId: id, before: null, after },
      };
    },
  });
  return create(ctx, body);
}
