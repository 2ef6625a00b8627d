/** What a source folder implements: how one verifier's or bootstrap system's messages are read. */
import type { KeyObject } from "node:crypto";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { ProblemCode } from "#lib/domain/problems";
import type { Verdict } from "#lib/domain/verdict";

/** A public key or a shared secret that an operator registered for one source. */
export type PinnedKey = {
  /** As registered, else the RFC 7638 thumbprint. Stored with every verdict that it vouched for. */
  kid: string;
  /** The one JWS algorithm that this key may be used with (`PS256` for a Keylime webhook key, `HS256` for a secret). */
  alg: string;
  key: KeyObject;
};

/** Settings of one configured source; every value has a default. */
export type SourceSettings = {
  /** RFC 6901 pointer into the token's claims where the node id stands; `null` = the kind's default. */
  nodeIdPointer: string | null;
  /** Oldest event accepted outside a backfill, in milliseconds before now. */
  acceptPastMs: number;
  /** Clock skew granted to the sender, in milliseconds after now. */
  acceptFutureMs: number;
};

/** One message as it arrived. Kept byte for byte: signatures and dedupe keys cover exactly this. */
export type Message = {
  body: Uint8Array;
  /** Media type without parameters, lower case. */
  mediaType: string;
  /** The node that the sender names outside the body (CloudEvents `subject`); `null` when absent. */
  subject: string | null;
  /**
   * What parsing `body` gives, from a reader that has been over these very bytes with the same care;
   * absent = read them. Spares the second reading of every event of a batch.
   */
  document?: unknown;
  /** The source's `signedHeaders` that came with a delivery, by lower-case name. A CloudEvent has none. */
  headers: ReadonlyMap<string, string>;
};

export type InterpretContext = {
  keys: readonly PinnedKey[];
  settings: SourceSettings;
  nowMs: number;
  /** Imported history: the time window does not apply, signatures and schemas do. */
  backfill: boolean;
};

/** How far the message's origin is proven. */
export type SignatureStatus =
  | {
      status: "verified";
      kid: string;
      alg: string;
      /** When it was signed, where the signature itself says so; else the fact's own date counts. */
      signedAtMs?: number;
    }
  | { status: "unsigned_transport_auth" };

/** One fact read from a message, with the exact bytes that it rests on. */
export type Item = { raw: Uint8Array; rawMediaType: string; signature: SignatureStatus } & (
  | { kind: "verdict"; verdict: Verdict }
  | { kind: "bootstrap"; event: BootstrapEvent }
);

/** Coarse reasons, used for counting and by the conformance cases. */
export const REJECTION_CATEGORIES = [
  "signature",
  "algorithm",
  "malformed",
  "claims",
  "expired",
  "key",
  "replay",
] as const;
export type RejectionCategory = (typeof REJECTION_CATEGORIES)[number];

/** A message, or one line of it, that was refused. `detail` is shown to the operator and the sender. */
export type Rejection = {
  category: RejectionCategory;
  code: ProblemCode;
  detail: string;
  /** The refused bytes; kept (capped) in the rejected list. */
  raw: Uint8Array;
};

export type Interpretation = { items: readonly Item[]; rejections: readonly Rejection[] };

/** How shared secrets of a kind are written: as they are, in base64, or in base64 behind `whsec_`. */
export type SecretFormat = "text" | "base64" | "whsec";

/**
 * One folder under `lib/sources/`, one line in the registry.
 *
 * `interpret` is pure but for signature checks: no I/O, no clock, no randomness. It never throws
 * for input, however hostile: whatever cannot be read becomes a {@link Rejection}. The order is
 * fixed: form, algorithm, key, signature, schema, claims, time window.
 */
export interface Source {
  /** Stored on every row that this kind of source produced; never rename. */
  readonly kind: string;
  readonly label: string;
  /** Page under `docs/guide/`, without extension, that tells how to connect it. */
  readonly guide: string;
  /** CloudEvents types that this kind understands. */
  readonly eventTypes: readonly string[];
  /**
   * Longest usual life of the credentials that this kind tells of, in milliseconds, for those whose end
   * it does not state; absent = unknown.
   */
  readonly credentialLifeMs?: number;
  /**
   * Headers that its signatures stand in, lower case; no other header of a delivery is passed on.
   * Such a kind is heard at the deliver endpoint only. Absent = the body holds all there is.
   */
  readonly signedHeaders?: readonly string[];
  /** The shared secrets that vouch for it; absent = only public keys do. */
  readonly secrets?: { format: SecretFormat; besidesPublicKeys: boolean };
  /** Whether a verdict may be believed on the transport's authentication alone. */
  readonly unsignedAllowed: boolean;
  /** Defaults for a new source of this kind. `staleAfterMs: null` = it has no expected cadence. */
  readonly defaults: SourceSettings & { staleAfterMs: number | null };
  interpret(message: Message, context: InterpretContext): Promise<Interpretation>;
}

export const VERDICT_EVENT_TYPE = "dev.touchstone.attestation.verdict.v1";
export const BOOTSTRAP_EVENT_TYPE = "dev.touchstone.bootstrap.event.v1";
