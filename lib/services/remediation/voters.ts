/** Who has a say in a request: people, with the rights that they have at this moment. */
import type { Conn, Tx } from "#db/client";
import {
  accountsOf,
  type DelegationRow,
  delegationList,
  type RemediationRow,
  type RemediationVoteRow,
  remediationVotes,
} from "#db/queries/remediation";
import { type GroupMember, groupMembers } from "#db/queries/remediation-facts";
import { type Holder, holdPeople, peopleHolding } from "#db/queries/remediation-people";
import { PERMISSIONS } from "#lib/domain/access";
import {
  APPROVER_GROUPS,
  type Approval,
  type ApprovalRequest,
  type ApproverGroup,
  type GroupRule,
  judgeVotes,
  voterRefusal,
} from "#lib/domain/approval";
import { personOf } from "#lib/domain/change-request";
import { type ProblemCode, ProblemError } from "#lib/domain/problems";

/** Everything that decides who has a say in one request, and what was said. */
export type Hearing = {
  request: ApprovalRequest;
  rules: readonly GroupRule[];
  votes: readonly RemediationVoteRow[];
  delegations: readonly DelegationRow[];
  members: readonly GroupMember[];
  /** All who may decide in the domain now. */
  holders: readonly Holder[];
  /** Account that asked; `null` = a policy. */
  requestedBy: string | null;
  /** The person behind its address of now, which need not be that of when it asked. */
  requesterNow: readonly string[];
};

export type Account = { userId: string; email: string };

/** What stands against somebody's say; `delegated` = somebody else speaks in their place. */
export type Refusal = NonNullable<ReturnType<typeof voterRefusal>> | "delegated";

const REFUSALS: Readonly<Record<Refusal, { code: ProblemCode; detail: string }>> = {
  "own-request": { code: "remediation/own-request", detail: "Somebody else must decide what you asked for." },
  excluded: {
    code: "remediation/excluded",
    detail: "You wrote the baseline that speaks for these nodes. Somebody else must decide on their release.",
  },
  "role-lost": { code: "auth/forbidden", detail: "Your role does not allow this." },
  "not-asked": { code: "remediation/not-asked", detail: "You are in none of the groups that must agree." },
  delegated: { code: "remediation/not-asked", detail: "You gave your say in it to somebody else." },
};

export const refusalWords = (refusal: Refusal): string => REFUSALS[refusal].detail;
export const refusalProblem = (refusal: Refusal): ProblemError =>
  new ProblemError(REFUSALS[refusal].code, REFUSALS[refusal].detail);

/** As it is now, for reading; in the order of the rows. */
export async function hearingsOf(conn: Conn, rows: readonly RemediationRow[], now: Date): Promise<Hearing[]> {
  const votes = await remediationVotes(conn, rows);
  const delegations = await delegationList(conn, rows);
  const accounts = await accountsOf(
    conn,
    rows.flatMap(({ requestedBy }) => requestedBy ?? []),
  );
  const domains = new Map<string, Pick<Hearing, "members" | "holders">>();
  for (const id of new Set(rows.map(({ trustDomainId }) => trustDomainId))) {
    const holders = await peopleHolding(conn, id, PERMISSIONS["remediation:decide"], now);
    domains.set(id, { members: await groupMembers(conn, id), holders });
  }
  return rows.map((row) => {
    const asked = row.requestedBy === null ? undefined : accounts.get(row.requestedBy);
    const planHash = row.planHash.toString("hex");
    return {
      ...(domains.get(row.trustDomainId) ?? { members: [], holders: [] }),
      request: { requester: row.requester, planHash, excluded: row.excluded },
      rules: row.rules as readonly GroupRule[],
      votes: votes.filter(({ requestId }) => requestId === row.id),
      delegations: delegations.filter(({ requestId }) => requestId === row.id),
      requestedBy: row.requestedBy,
      requesterNow: asked === undefined ? [] : [personOf(asked)],
    };
  });
}

async function hearingOf(conn: Conn, row: RemediationRow, now: Date): Promise<Hearing> {
  const [hearing] = await hearingsOf(conn, [row], now);
  if (!hearing) throw new Error("A request has a hearing");
  return hearing;
}

/**
 * As it is now and stays until the transaction ends: whoever takes a role from one of these people waits, or
 * was seen.
 *
 * @param voter who is about to speak; `null` = nobody
 */
export async function hearingHeld(
  tx: Tx,
  row: RemediationRow,
  voter: string | null,
  now: Date,
): Promise<Hearing> {
  const speakers = (await remediationVotes(tx, [row])).map(({ userId }) => userId);
  await holdPeople(tx, voter === null ? speakers : [...speakers, voter]);
  return hearingOf(tx, row, now);
}

/** Why an account has no say; `null` = it has. */
export function refusalOf(hearing: Hearing, account: Account): Refusal | null {
  const { request, rules, requestedBy, requesterNow, delegations } = hearing;
  if (account.userId === requestedBy || requesterNow.includes(personOf(account.email))) return "own-request";
  const refusal = voterRefusal(request, voterOf(hearing, account), rules);
  if (refusal !== null) return refusal;
  return delegations.some(({ fromUser }) => fromUser === account.userId) ? "delegated" : null;
}

/** What the votes for the plan amount to, now. */
export function judge(hearing: Hearing): Approval {
  const counted = hearing.votes
    .filter(({ userId, email }) => refusalOf(hearing, { userId, email }) === null)
    .map(({ userId, email, person, decision, planHash }) => ({
      ...voterOf(hearing, { userId, email }),
      person,
      decision: decision as "approve" | "deny",
      planHash: planHash.toString("hex"),
    }));
  return judgeVotes(hearing.request, hearing.rules, counted);
}

const voterOf = (hearing: Hearing, { userId, email }: Account) => ({
  person: personOf(email),
  groups: groupsOf(hearing, userId),
  mayDecide: hearing.holders.some((holder) => holder.userId === userId),
});

/** Groups that an account speaks for: its own, and those of people who gave it their say and still have one. */
function groupsOf({ members, delegations, holders }: Hearing, userId: string): ApproverGroup[] {
  const givers = delegations
    .filter(({ fromUser, toUser }) => toUser === userId && holders.some((one) => one.userId === fromUser))
    .map(({ fromUser }) => fromUser);
  return APPROVER_GROUPS.filter((group) => {
    const own = members.filter((member) => member.group === group);
    return (
      own.length === 0 || own.some((member) => member.userId === userId || givers.includes(member.userId))
    );
  });
}

/** Whether an account is that of who asked, or another of the same person. */
export const isRequester = (
  row: Pick<RemediationRow, "requestedBy" | "requester">,
  { userId, email }: Account,
): boolean => row.requestedBy === userId || row.requester === personOf(email);
