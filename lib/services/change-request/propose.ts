/** Asking for something that needs a second person. */
import { changeInsert } from "#db/queries/change-request";
import {
  type ChangePreview,
  type ChangeView,
  type PlannedChange,
  PreviewChangeBody,
  ProposeChangeBody,
} from "#lib/contracts/change-request";
import { can } from "#lib/domain/access";
import { CHANGE_TTL_MS, personOf } from "#lib/domain/change-request";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { uuidv7 } from "#lib/services/uuidv7";
import { announceWaiting } from "./announce-change.ts";
import { type ChangeKind, changeKindOf } from "./kinds.ts";
import { personActor } from "./person.ts";
import { changeView } from "./view.ts";

/**
 * What a change would do, without asking for it.
 *
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} what the kind refuses with; `request/invalid` for an unknown kind
 */
export async function previewChange(
  ctx: ServiceContext,
  body: PreviewChangeBody,
  kinds: readonly ChangeKind[],
): Promise<PlannedChange> {
  const { kind: name, payload } = parseInput(PreviewChangeBody, body);
  const kind = changeKindOf(kinds, name);
  readScope(ctx, kind.permissionToPropose);
  const { summary, planHash } = await kind.plan(ctx.db, ctx, payload);
  return { kind: kind.kind, summary, planHash, preview: await kind.preview(ctx, payload) };
}

/**
 * Ask for a change. Nothing happens until a second person approves it, and nothing at all after an hour.
 *
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} what the kind refuses with; `request/invalid` for an unknown kind
 */
export async function proposeChange(
  ctx: ServiceContext,
  body: ProposeChangeBody,
  kinds: readonly ChangeKind[],
): Promise<ChangeView> {
  const kind = changeKindOf(kinds, parseInput(ProposeChangeBody, body).kind);
  // Before the transaction: it may take seconds, and a connection is not to be held idle meanwhile.
  const preview = can(ctx.actor, kind.permissionToPropose) ? await kind.preview(ctx, body.payload) : null;
  return propose(kind, preview)(ctx, body);
}

const propose = (kind: ChangeKind, preview: ChangePreview | null) =>
  command({
    name: "change.propose",
    permission: kind.permissionToPropose,
    input: ProposeChangeBody,
    target: ({ kind: name }) => name,
    async run(tx, ctx, { payload, reason }) {
      const actor = personActor(ctx.actor);
      const { trustDomainId, subject, summary, planHash } = await kind.plan(tx, ctx, payload);
      const proposedAt = ctx.now();
      const id = uuidv7(proposedAt);
      const expiresAt = new Date(proposedAt.getTime() + CHANGE_TTL_MS);
      const row = {
        trustDomainId,
        id,
        kind: kind.kind,
        subject,
        summary,
        payload,
        reason,
        planHash: Buffer.from(planHash, "hex"),
        preview,
        state: "pending",
        proposedBy: actor.id,
        proposer: personOf(actor.email),
        proposedAt,
        expiresAt,
        decidedAt: null,
      };
      await changeInsert(tx, row);
      await announceWaiting(tx, row, actor.email, proposedAt);
      const after = { kind: kind.kind, subject, summary, payload, reason, planHash, expiresAt };
      return {
        result: changeView(
          { ...row, email: actor.email },
          { kind, actor, votes: [], planHash, now: proposedAt },
        ),
        audit: { trustDomainId, entity: "change", entityId: id, before: null, after },
      };
    },
  });
