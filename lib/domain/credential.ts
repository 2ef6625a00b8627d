/**
 * Credentials of nodes: issued, renewed, ended, and how long one that was taken away may still work.
 *
 * Pure: the bootstrap events of one node in, its credentials out. Times are epoch milliseconds.
 */
import type { BootstrapEventType, BootstrapOutcome } from "./bootstrap-event.ts";

export const CREDENTIAL_KINDS = ["x509", "token", "ssh", "voucher"] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** What an event says about the credential that it is about; `null` = it does not say. */
export type Credential = {
  kind: CredentialKind;
  serial: string | null;
  /** Hex, of the whole certificate or key. */
  fingerprintSha256: string | null;
  issuer: string | null;
  notBeforeMs: number | null;
  notAfterMs: number | null;
};

/** What the fold needs of one bootstrap event. */
export type CredentialEvent = {
  id: string;
  /** Credentials of different sources never replace each other. */
  sourceId: string;
  type: BootstrapEventType;
  outcome: BootstrapOutcome;
  method: string | null;
  occurredAtMs: number;
  credential: Credential | null;
};

/** Events that say something about a credential. The rest of a node's life does not matter here. */
export const CREDENTIAL_EVENT_TYPES = [
  "enrollment.credential_issued",
  "enrollment.credential_renewed",
  "enrollment.credential_expired",
  "identity.banned",
  "identity.evicted",
  "identity.purged",
] as const satisfies readonly BootstrapEventType[];

/**
 * `valid`, `expiring` (a third of its life or less is left: a renewal is due), `expired`; `replaced` by
 * a younger one and still usable until its own end; `revoked`, whether or not it still works.
 */
export const CREDENTIAL_STATES = ["valid", "expiring", "expired", "replaced", "revoked"] as const;
export type CredentialState = (typeof CREDENTIAL_STATES)[number];

export type HeldCredential = Credential & {
  /** Of the event that told of it first. */
  eventId: string;
  sourceId: string;
  method: string | null;
  issuedAtMs: number;
  /** It came by renewing an earlier one, rather than by enrolling. */
  renewed: boolean;
  replacedAtMs: number | null;
  /** When it was taken away, and by what; `null` = it was not. */
  revokedAtMs: number | null;
  revokedBy: BootstrapEventType | null;
  /**
   * Until when it may be accepted although it was taken away or replaced: nobody who checks it only
   * against its issuer would notice. `null` = nothing was taken away, or its end is unknown.
   */
  residualUntilMs: number | null;
  /** The residual end rests on the issuer's usual lifetime rather than on a stated end. */
  residualAssumed: boolean;
  state: CredentialState;
};

const LEFT_SHARE_DUE = 1 / 3;

/**
 * The credentials that a node was given, youngest first.
 *
 * A credential of a source replaces the one before it. A ban or an eviction takes all of that source's
 * away. A purge only says that the issuer forgot: what it issued stays as it is. Independent of the
 * order of the events.
 *
 * @param nowMs instant at which the states are judged
 * @param usualLifeMs longest life of what a source issues, for credentials whose end nobody states;
 *   `null` = unknown
 */
export function foldCredentials(
  events: readonly CredentialEvent[],
  nowMs: number,
  usualLifeMs: (sourceId: string) => number | null,
): HeldCredential[] {
  const held: HeldCredential[] = [];
  const ordered = [...events].sort(
    (a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : +(a.id > b.id)),
  );
  for (const event of ordered) {
    if (event.occurredAtMs > nowMs) break;
    const own = held.filter(({ sourceId }) => sourceId === event.sourceId);
    if (isIssue(event)) {
      for (const earlier of own) earlier.replacedAtMs ??= event.occurredAtMs;
      held.push(heldFrom(event));
    } else if (event.type === "identity.banned" || event.type === "identity.evicted") {
      if (event.outcome !== "success") continue;
      for (const taken of own) {
        if (isOver(taken, event.occurredAtMs)) continue;
        taken.revokedAtMs ??= event.occurredAtMs;
        taken.revokedBy ??= event.type;
      }
    } else if (event.type === "enrollment.credential_expired") {
      const expired = own.findLast(
        ({ replacedAtMs, revokedAtMs }) => replacedAtMs === null && revokedAtMs === null,
      );
      if (expired)
        expired.notAfterMs = Math.min(expired.notAfterMs ?? event.occurredAtMs, event.occurredAtMs);
    }
  }
  return held.reverse().map((credential) => judged(credential, nowMs, usualLifeMs(credential.sourceId)));
}

function isIssue({ type, outcome }: CredentialEvent): boolean {
  return (
    (type === "enrollment.credential_issued" || type === "enrollment.credential_renewed") &&
    outcome === "success"
  );
}

function heldFrom({ id, sourceId, type, method, occurredAtMs, credential }: CredentialEvent): HeldCredential {
  return {
    kind: credential?.kind ?? "x509",
    serial: credential?.serial ?? null,
    fingerprintSha256: credential?.fingerprintSha256 ?? null,
    issuer: credential?.issuer ?? null,
    notBeforeMs: credential?.notBeforeMs ?? null,
    notAfterMs: credential?.notAfterMs ?? null,
    eventId: id,
    sourceId,
    method,
    issuedAtMs: occurredAtMs,
    renewed: type === "enrollment.credential_renewed",
    replacedAtMs: null,
    revokedAtMs: null,
    revokedBy: null,
    residualUntilMs: null,
    residualAssumed: false,
    state: "valid",
  };
}

function isOver({ notAfterMs }: HeldCredential, atMs: number): boolean {
  return notAfterMs !== null && notAfterMs <= atMs;
}

function judged(credential: HeldCredential, nowMs: number, usualLifeMs: number | null): HeldCredential {
  const { replacedAtMs, revokedAtMs, issuedAtMs, notAfterMs } = credential;
  if (revokedAtMs !== null) {
    // What a node obtained with it just before may live as long as the issuer lets things live.
    const assumed = notAfterMs === null && usualLifeMs !== null;
    const residualUntilMs = assumed ? revokedAtMs + usualLifeMs : notAfterMs;
    return { ...credential, state: "revoked", residualUntilMs, residualAssumed: assumed };
  }
  if (isOver(credential, nowMs)) return { ...credential, state: "expired" };
  if (replacedAtMs !== null) {
    const assumed = notAfterMs === null && usualLifeMs !== null;
    const residualUntilMs = assumed ? issuedAtMs + usualLifeMs : notAfterMs;
    return { ...credential, state: "replaced", residualUntilMs, residualAssumed: assumed };
  }
  return { ...credential, state: isDue(credential, nowMs) ? "expiring" : "valid" };
}

/** A third of the life or less is left, by when every issuer's own tooling has renewed long since. */
export function isDue(
  { notBeforeMs, issuedAtMs, notAfterMs }: Pick<HeldCredential, "notBeforeMs" | "issuedAtMs" | "notAfterMs">,
  nowMs: number,
): boolean {
  if (notAfterMs === null) return false;
  const life = notAfterMs - (notBeforeMs ?? issuedAtMs);
  return notAfterMs - nowMs <= life * LEFT_SHARE_DUE;
}

/**
 * How long a node from which everything was taken away may still act: the latest residual end.
 *
 * @returns `null` when nothing was taken away or nothing of it can work any more; `"unknown"` when the
 *   end of something taken away is not known
 */
export function residualWindow(
  credentials: readonly HeldCredential[],
  nowMs: number,
): number | "unknown" | null {
  const taken = credentials.filter(({ revokedAtMs }) => revokedAtMs !== null);
  if (taken.some(({ residualUntilMs }) => residualUntilMs === null)) return "unknown";
  const latest = Math.max(
    ...taken.map(({ residualUntilMs }) => residualUntilMs ?? 0),
    Number.NEGATIVE_INFINITY,
  );
  return latest > nowMs ? latest : null;
}
