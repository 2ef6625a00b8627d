/** Remediation requests: those that wait for somebody, one's own, those that go on and those that are over. */
import { accountsOf, remediationsByIds, reviewList, reviewsOpen } from "#db/queries/remediation";
import { type Looker, remediationCounts, remediationPage, targetNames } from "#db/queries/remediation-list";
import type { OpenReviews, RemediationList, RemediationListQuery } from "#lib/contracts/remediation";
import { can, narrowed } from "#lib/domain/access";
import { personOf } from "#lib/domain/change-request";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { accountOf, lacksDecision, mayReview, summaryView } from "./view.ts";
import { hearingsOf, isRequester } from "./voters.ts";

const REVIEWS_MAX = 100;

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function remediationList(
  ctx: ServiceContext,
  { tab, nodeId: about, cursor, limit }: RemediationListQuery,
): Promise<RemediationList> {
  const scope = readScope(ctx, "remediation:read");
  const nodeId = about ?? null;
  const after = cursor ? decodeCursor(TimeIdKey, cursor) : null;
  const { db, actor } = ctx;
  const looker = lookerOf(ctx);
  const { now } = looker;
  const found = await remediationPage(db, scope, { ...looker, tab, nodeId, after, limit });
  const ids = found.slice(0, limit);
  const byId = new Map((await remediationsByIds(db, scope, ids)).map((row) => [row.id, row]));
  const rows = ids.flatMap((id) => byId.get(id) ?? []);
  const hearings = await hearingsOf(db, rows, now);
  const reviews = await reviewList(db, rows);
  const nodes = await targetNames(db, scope, ids);
  const emails = await accountsOf(
    db,
    rows.flatMap(({ requestedBy, claimedBy }) => [requestedBy ?? [], claimedBy ?? []].flat()),
  );
  const last = rows.at(-1);
  return {
    items: rows.flatMap((row, index) => {
      const hearing = hearings[index];
      if (!hearing) return [];
      const review = reviews.find(({ requestId }) => requestId === row.id);
      const about = nodes.get(row.id) ?? { total: 0, names: [] };
      return [summaryView({ row, hearing, nodes: about, review, emails, actor, now })];
    }),
    nextCursor:
      found.length > limit && last ? encodeCursor({ atMs: last.requestedAt.getTime(), id: last.id }) : null,
    counts: await remediationCounts(db, scope, looker, nodeId),
  };
}

function lookerOf({ actor, now }: ServiceContext): Looker {
  const account = accountOf(actor);
  const decides = account !== null && can(actor, "remediation:decide");
  return {
    userId: account?.userId ?? null,
    person: account === null ? "" : personOf(account.email),
    decidesIn: decides ? narrowed(actor, "remediation:decide").trustDomainIds : [],
    now: now(),
  };
}

/** What was done at once and nobody has reviewed, for the banner. */
export async function openReviews(ctx: ServiceContext): Promise<OpenReviews> {
  const scope = readScope(ctx, "remediation:read");
  const { db, actor } = ctx;
  const now = ctx.now();
  const found = await reviewsOpen(db, scope, REVIEWS_MAX);
  const rows = found.map(({ request }) => request);
  const emails = await accountsOf(
    db,
    rows.flatMap(({ requestedBy }) => requestedBy ?? []),
  );
  const ids = rows.map(({ id }) => id);
  const nodes = await targetNames(db, scope, ids);
  const account = accountOf(actor);
  return {
    items: found.map(({ request, dueAt }) => {
      const mine = account !== null && isRequester(request, account);
      const due = { state: "open", dueAt: dueAt.toISOString(), by: null, at: null, note: null } as const;
      return {
        requestId: request.id,
        action: request.action as OpenReviews["items"][number]["action"],
        requestedBy: request.requestedBy === null ? null : (emails.get(request.requestedBy) ?? null),
        at: request.requestedAt.toISOString(),
        dueAt: due.dueAt,
        overdue: dueAt <= now,
        nodes: nodes.get(request.id)?.total ?? 0,
        reason: request.reason,
        mayReview: mayReview(due, mine, lacksDecision(actor, request.trustDomainId)),
      };
    }),
  };
}
