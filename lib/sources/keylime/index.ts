/** Keylime: the verifier's revocation webhook, its only outbound signal, and what a collector polls. */
import { type Tier, tierOfVector, worseTier } from "#lib/domain/ar4si";
import type { Coverage, Measurements, Reason, Verdict } from "#lib/domain/verdict";
import {
  BOOTSTRAP_EVENT_TYPE,
  type InterpretContext,
  type Source,
  VERDICT_EVENT_TYPE,
} from "#lib/sources/contract";
import { Refusal, readOrRefuse } from "#lib/sources/shared/refusal";
import { clip } from "#lib/sources/shared/text";
import { collectedIn, interpretCollected } from "./documents.ts";
import { parseEventTime } from "./event-time.ts";
import { identityOf } from "./identity.ts";
import { classOfEvent, type EventClass, MAPPING_VERSION, UNREACHABLE } from "./mapping.ts";
import { type Notification, openBody, readNotification } from "./notification.ts";

const MINUTE_MS = 60_000;
/** A zone-less time may be read up to this far ahead of the true one. */
const MAX_ZONE_OFFSET_MS = 14 * 60 * MINUTE_MS;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

/**
 * Failure notifications; a node that is well is never announced, so their silence means nothing. A
 * collector that polls makes up for both.
 */
export const keylimeSource: Source = {
  kind: "keylime",
  label: "Keylime verifier",
  guide: "connect-keylime",
  eventTypes: [VERDICT_EVENT_TYPE, BOOTSTRAP_EVENT_TYPE],
  unsignedAllowed: true,
  defaults: {
    nodeIdPointer: null,
    // What a collector polled waits at the collector while this product is away.
    acceptPastMs: MONTH_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
  interpret(message, context) {
    const { body } = message;
    return readOrRefuse(body, () => {
      const collected = collectedIn(message);
      if (collected !== null) return interpretCollected(collected, context);
      const { msg, signature } = openBody(body, context.keys);
      const notification = readNotification(msg);
      const verdict = verdictOf(notification, observedAtMs(notification, context));
      const rawMediaType = "application/json";
      return { items: [{ kind: "verdict", verdict, raw: body, rawMediaType, signature }], rejections: [] };
    });
  },
};

/**
 * When the failure was seen. Live, that is now: the verifier's clock has no zone. In imported
 * history its text is all there is; it is read as UTC, and never as later than now.
 */
function observedAtMs({ eventTime }: Notification, { backfill, nowMs }: InterpretContext): number {
  if (!backfill) return nowMs;
  const statedMs = eventTime === null ? null : parseEventTime(eventTime);
  if (statedMs === null)
    throw new Refusal("claims", "event_time is missing or unreadable, so history cannot place it");
  if (statedMs > nowMs + MAX_ZONE_OFFSET_MS) {
    throw new Refusal("expired", "event_time is in the future", "event/future");
  }
  return Math.min(statedMs, nowMs);
}

function verdictOf(notification: Notification, observedAtMs: number): Verdict {
  const { type, eventId, agentId } = notification;
  const eventClass = type === "comm_error" ? UNREACHABLE : classOfEvent(eventId);
  const { outcome, vector, quoteHeld } = eventClass;
  const unreachable = outcome === "unreachable";
  const stated: Tier = unreachable ? "none" : "contraindicated";
  return {
    identities: [identityOf(agentId)],
    displayName: null,
    submod: "",
    observedAtMs,
    expiresAtMs: null,
    outcome,
    tier: worseTier(tierOfVector(vector), stated),
    vector,
    vectorOrigin: "derived",
    mappingVersion: MAPPING_VERSION,
    statusMismatch: false,
    coverage: coverageOf(eventClass),
    measurements: measurementsOf(notification),
    reasons: [reasonOf(notification)],
    policyIds: [],
    verifier: { id: null, build: null },
    freshness: quoteHeld ? "evidence" : "none",
  };
}

function coverageOf({ quoteHeld, compared }: EventClass): Coverage[] {
  return quoteHeld ? ["identity_key", "quote_signature", ...compared] : [];
}

function reasonOf({ type, eventId, severity, eventTime, context }: Notification): Reason {
  const pcr = pcrOf(eventId);
  const words = [
    severity === null ? null : `severity ${severity}`,
    context.message,
    eventTime === null ? null : `verifier clock ${eventTime}`,
  ].filter((text) => text !== null);
  return {
    code: eventId ?? `keylime.${type}`,
    component: pcr === null ? (eventId?.split(".")[0] ?? type) : `pcr/${pcr}`,
    ...(context.got === null ? {} : { got: context.got }),
    ...(context.expected === null ? {} : { expected: context.expected }),
    ...(words.length === 0 ? {} : { detail: clip(words.join(" · "), 500) }),
  };
}

/** Index of the PCR that an event id is about. */
function pcrOf(eventId: string | null): number | null {
  const match = /_pcr_(\d{1,2})$/.exec(eventId ?? "");
  return match === null ? null : Number(match[1]);
}

const BANK_OF_HEX_CHARS = new Map([
  [40, "sha1"],
  [64, "sha256"],
  [96, "sha384"],
  [128, "sha512"],
]);

/** The one value that a failed PCR check reveals; the bank follows from the digest's length. */
function measurementsOf({ eventId, context }: Notification): Measurements {
  const pcr = pcrOf(eventId);
  const digest = context.got?.replace(/^0x/, "") ?? "";
  const bank = BANK_OF_HEX_CHARS.get(digest.length);
  if (pcr === null || bank === undefined || !/^[0-9a-fA-F]+$/.test(digest)) return {};
  return { [`pcr/${bank}/${pcr}`]: digest.toLowerCase() };
}
