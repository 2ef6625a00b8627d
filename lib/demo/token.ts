/** The demo verifiers' signatures: compact ES256 tokens in the deployed EAR spelling. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { VerifierName } from "./fleet.ts";
import type { Appraisal } from "./story.ts";

/** A private key as it is stored; only the public members are ever registered. */
export type DemoJwk = { kty: "EC"; crv: "P-256"; x: string; y: string; d: string; kid: string; alg: "ES256" };

export type Signer = (payload: unknown) => string;

/** Make a signing key of a demo verifier. */
export function makeDemoKey(kid: string): DemoJwk {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "", d = "" } = privateKey.export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x, y, d, kid, alg: "ES256" };
}

/** The part of a key that is registered with a source. */
export function publicJwk({ kty, crv, x, y, kid, alg }: DemoJwk): Record<string, string> {
  return { kty, crv, x, y, kid, alg, use: "sig" };
}

/** @param kid key id to claim; a forged token claims that of the registered key */
export function makeSigner(jwk: DemoJwk, kid = jwk.kid): Signer {
  const key: KeyObject = createPrivateKey({ key: jwk, format: "jwk" });
  const header = base64url({ alg: "ES256", typ: "JWT", kid });
  return (payload) => {
    const signed = `${header}.${base64url(payload)}`;
    const signature = sign("sha256", Buffer.from(signed, "latin1"), { key, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  };
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}

const PROFILES: Record<VerifierName, string> = {
  "lab-verifier": "tag:github.com,2023:veraison/ear",
  "cloud-verifier": "tag:github.com,2024:confidential-containers/Trustee",
};

/** The claims of an attestation result, as the verifier states them at `atMs`. */
export function earClaims(
  verifier: VerifierName,
  appraisals: readonly Appraisal[],
  atMs: number,
): Record<string, unknown> {
  const submods = appraisals.map(({ submod, status, claims, policyId, evidence, problem }) => [
    submod,
    {
      "ear.status": status,
      "ear.trustworthiness-vector": claims,
      "ear.appraisal-policy-id": policyId,
      "ear.veraison.annotated-evidence": evidence,
      ...(problem === null ? {} : { "ear.veraison.policy-claims": { problem } }),
    },
  ]);
  return {
    eat_profile: PROFILES[verifier],
    "ear.verifier-id": { developer: `https://${verifier}.fleet.example`, build: "demo 1.0" },
    submods: Object.fromEntries(submods),
    iat: Math.floor(atMs / 1000),
  };
}
