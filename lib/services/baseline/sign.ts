/** Signing with the installation's own key. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Tx } from "#db/client";
import { signingKeyInsert, signingKeyLock } from "#db/queries/signing-key";
import { SealError, type Sealer } from "#db/sealing";
import { type Envelope, kidOf, signEnvelope } from "#db/signing";
import { type BaselineStatement, STATEMENT_TYPE, statementText } from "#lib/domain/baseline-statement";

/** Where the private key is sealed for; no source has this name as its id. */
const placeOf = (trustDomainId: string, kid: string) => ({ trustDomainId, sourceId: "installation", kid });

/** Sign what two people agreed on. The first signature makes the key. */
export async function signStatement(
  tx: Tx,
  statement: BaselineStatement,
  sealer: Sealer,
  now: Date,
): Promise<{ envelope: Envelope; kid: string }> {
  const key = await signingKey(tx, statement.trustDomainId, sealer, now);
  const envelope = signEnvelope(STATEMENT_TYPE, Buffer.from(statementText(statement), "utf8"), key);
  return { envelope, kid: key.kid };
}

/** The key that a domain signs with; made when there is none. */
export async function signingKey(
  tx: Tx,
  trustDomainId: string,
  sealer: Sealer,
  now: Date,
): Promise<{ kid: string; privateKey: KeyObject }> {
  const stored = await signingKeyLock(tx, trustDomainId);
  if (stored) {
    try {
      const der = sealer.open(stored.sealedPrivate, placeOf(trustDomainId, stored.kid));
      return { kid: stored.kid, privateKey: createPrivateKey({ key: der, format: "der", type: "pkcs8" }) };
    } catch (error) {
      // Whoever lost the master key must be able to publish again. What was signed stays verifiable.
      if (!(error instanceof SealError)) throw error;
    }
  }
  const pair = generateKeyPairSync("ed25519");
  const publicKey = pair.publicKey.export({ format: "der", type: "spki" });
  const kid = kidOf(publicKey);
  const der = pair.privateKey.export({ format: "der", type: "pkcs8" });
  const sealedPrivate = sealer.seal(der, placeOf(trustDomainId, kid));
  await signingKeyInsert(tx, { trustDomainId, kid, publicKey, sealedPrivate, createdAt: now });
  return { kid, privateKey: pair.privateKey };
}
