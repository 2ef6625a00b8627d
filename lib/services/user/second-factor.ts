/** Time-based one-time passwords (RFC 6238) and the recovery codes behind them. */
import { createHash, randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { Tx } from "#db/client";
import { secondFactorLock } from "#db/queries/access";
import { recoveryCodeUse, secondFactorUsed } from "#db/queries/second-factor";
import type { Sealer, SecretPlace } from "#db/sealing";
import { ProblemError } from "#lib/domain/problems";

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** 80 bits: long enough that a plain digest cannot be tried out. */
const RECOVERY_BYTES = 10;

/** Where a person's secret is sealed: it opens nothing for anybody else. */
const placeOf = (userId: string): SecretPlace => ({
  trustDomainId: userId,
  sourceId: userId,
  kid: "second-factor",
});

const totpOf = (secret: Uint8Array<ArrayBuffer>, email: string) =>
  new TOTP({
    issuer: "Touchstone",
    label: email,
    secret: new Secret({
      buffer: secret.buffer.slice(secret.byteOffset, secret.byteOffset + secret.byteLength),
    }),
    period: PERIOD_SECONDS,
  });

/** A fresh secret: sealed for the row, and as the authenticator app wants it. */
export function newSecondFactor(
  sealer: Sealer,
  { userId, email }: { userId: string; email: string },
): { secretSealed: Buffer; uri: string; secret: string } {
  const bytes = new Uint8Array(randomBytes(SECRET_BYTES));
  const totp = totpOf(bytes, email);
  return {
    secretSealed: sealer.seal(bytes, placeOf(userId)),
    uri: totp.toString(),
    secret: totp.secret.base32,
  };
}

/** Codes for people to keep, and the digests that are stored. */
export function newRecoveryCodes(): { codes: string[]; digests: Buffer[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () =>
    randomBytes(RECOVERY_BYTES)
      .toString("hex")
      .replace(/(.{5})(?=.)/g, "$1-"),
  );
  return { codes, digests: codes.map(recoveryDigest) };
}

function recoveryDigest(code: string): Buffer {
  return createHash("sha256").update(code.toLowerCase().replace(/[\s-]/g, ""), "utf8").digest();
}

/**
 * Use a code: six digits of now or of the step before or after, or a recovery code. Neither counts twice.
 *
 * @returns whether it was right
 * @throws {ProblemError} `second-factor/wrong-state` when no secret was made
 */
export async function takeCode(
  tx: Tx,
  sealer: Sealer,
  { userId, code, now }: { userId: string; code: string; now: Date },
): Promise<boolean> {
  const row = await secondFactorLock(tx, userId);
  if (!row) throw new ProblemError("second-factor/wrong-state", "There is no second factor.");
  if (!/^\d{6}$/.test(code))
    return row.confirmedAt !== null && recoveryCodeUse(tx, userId, recoveryDigest(code), now);
  const secret = new Uint8Array(sealer.open(row.secretSealed, placeOf(userId)));
  const timestamp = now.getTime();
  const delta = totpOf(secret, "").validate({ token: code, timestamp, window: 1 });
  if (delta === null) return false;
  const step = Math.floor(timestamp / 1_000 / PERIOD_SECONDS) + delta;
  if (row.lastStep !== null && step <= row.lastStep) return false;
  await secondFactorUsed(tx, userId, step);
  return true;
}
