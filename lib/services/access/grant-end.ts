/** How long a role is held. */
import { INVITE_MAX_MS, type Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";

const DAY_MS = 86_400_000;

/**
 * When a role that is given now ends; an auditor's always does. `null` = when it is taken away.
 *
 * @throws {ProblemError} `request/invalid` for an auditor who is let in for too long
 */
export function grantEnd(role: Role, expiresInDays: number | undefined, now: Date): Date | null {
  if (expiresInDays === undefined && role !== "auditor") return null;
  const ms = expiresInDays === undefined ? INVITE_MAX_MS : expiresInDays * DAY_MS;
  if (role === "auditor" && ms > INVITE_MAX_MS) {
    const detail = `An auditor is let in for ${INVITE_MAX_MS / DAY_MS} days at most.`;
    throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/expiresInDays", detail }] });
  }
  return new Date(now.getTime() + ms);
}
