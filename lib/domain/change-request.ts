/** Actions that two people must agree on: what a vote does to a request. Pure; times are epoch milliseconds. */

export const CHANGE_STATES = ["pending", "applied", "denied", "expired", "cancelled"] as const;
/** `applied` is what approval leads to at once: a request that is approved but not yet done does not exist. */
export type ChangeState = (typeof CHANGE_STATES)[number];

export const CHANGE_DECISIONS = ["approve", "deny"] as const;
export type ChangeDecision = (typeof CHANGE_DECISIONS)[number];

/** How long a request waits for its second person. */
export const CHANGE_TTL_MS = 3_600_000;
/** Shortest reason that says anything. Characters after trimming. */
export const CHANGE_REASON_MIN = 10;

/** The part of a request that decides. `proposer` is a person, see {@link personOf}; the hash is hex. */
export type DecidableChange = {
  state: ChangeState;
  proposer: string;
  planHash: string;
  expiresAtMs: number;
};

/** Who votes: the person, and whether the account may decide now, read afresh under the lock. */
export type Voter = { person: string; mayDecide: boolean };

export type ChangeRefusal = "already-decided" | "expired" | "own-request" | "role-lost" | "plan-changed";

export type ChangeOutcome = { ok: true; state: "applied" | "denied" } | { ok: false; refusal: ChangeRefusal };

/**
 * What one person's vote does to a request.
 *
 * The caller holds the request's lock. An approval counts only for the plan that was proposed, that the
 * voter saw and that would be carried out now; to deny needs no plan, because nothing will be done.
 *
 * @param plans hex hashes: `seen` by the voter, `current` as planned again under the lock
 */
export function decide(
  request: DecidableChange,
  voter: Voter,
  decision: ChangeDecision,
  plans: { seen: string; current: string },
  nowMs: number,
): ChangeOutcome {
  if (request.state !== "pending") return { ok: false, refusal: "already-decided" };
  if (nowMs >= request.expiresAtMs) return { ok: false, refusal: "expired" };
  if (voter.person === request.proposer) return { ok: false, refusal: "own-request" };
  if (!voter.mayDecide) return { ok: false, refusal: "role-lost" };
  if (decision === "deny") return { ok: true, state: "denied" };
  const same = plans.seen === request.planHash && plans.current === request.planHash;
  return same ? { ok: true, state: "applied" } : { ok: false, refusal: "plan-changed" };
}

/** The state to show: a request whose time is over has expired, also before the worker wrote it down. */
export function stateAt(
  { state, expiresAtMs }: Omit<DecidableChange, "proposer" | "planHash">,
  nowMs: number,
) {
  return state === "pending" && nowMs >= expiresAtMs ? "expired" : state;
}

/**
 * The person behind an e-mail address: two addresses that reach one mailbox are one person.
 *
 * Case and a sub-address (`ana+work@…`) do not count.
 */
export function personOf(email: string): string {
  const address = email.trim().toLowerCase();
  const at = address.lastIndexOf("@");
  if (at < 0) return address;
  const [mailbox = ""] = address.slice(0, at).split("+");
  return `${mailbox === "" ? address.slice(0, at) : mailbox}${address.slice(at)}`;
}

/** JSON with sorted members: equal plans give equal texts, however they were built. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
