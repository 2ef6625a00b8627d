/** Open sessions. */
import { peopleWithGrants, sessionsOpen } from "#db/queries/access";
import type { SessionList } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { SESSION_IDLE_MS } from "#lib/services/user/sign-in";

/** Of everybody who holds a role in the caller's domains. */
export async function sessionsOfPeople(ctx: ServiceContext): Promise<SessionList> {
  const rows = await peopleWithGrants(ctx.db, readScope(ctx, "user:read"));
  return sessionsOf(
    ctx,
    rows.map(({ user }) => user.id),
  );
}

/** The caller's own. */
export async function ownSessions(ctx: ServiceContext): Promise<SessionList> {
  if (ctx.actor.kind !== "user") throw new ProblemError("auth/forbidden", "Only people have sessions.");
  return sessionsOf(ctx, [ctx.actor.id]);
}

async function sessionsOf({ db, actor, now }: ServiceContext, userIds: string[]): Promise<SessionList> {
  const at = now();
  const idleSince = new Date(at.getTime() - SESSION_IDLE_MS);
  const rows = await sessionsOpen(db, [...new Set(userIds)], { now: at, idleSince });
  return {
    items: rows.map(({ session, email }) => {
      const id = session.idSha256.toString("hex");
      return {
        id,
        userId: session.userId,
        email,
        current: actor.kind === "user" && actor.sessionId === id,
        createdAt: session.createdAt.toISOString(),
        authenticatedAt: session.authenticatedAt.toISOString(),
        lastSeenAt: session.lastSeenAt.toISOString(),
        expiresAt: session.expiresAt.toISOString(),
        address: session.address,
        userAgent: session.userAgent,
      };
    }),
  };
}
