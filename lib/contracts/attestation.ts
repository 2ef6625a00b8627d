/** Signed statements about nodes, and the keys that they are checked with. */
import { z } from "zod";
import { ATTESTATION_FORMATS } from "#lib/domain/attestation-statement";
import { Uuid } from "./common.ts";

export const AttestationQuery = z.strictObject({
  /** `vsa` and `test-result`: in-toto statements in DSSE; `ear`: an EAT Attestation Result as a JWT. */
  format: z.enum(ATTESTATION_FORMATS).default("vsa"),
});

export const AttestBody = z.strictObject({ nodeId: Uuid, format: z.enum(ATTESTATION_FORMATS) });
export type AttestBody = z.input<typeof AttestBody>;

/** What is handed out, byte for byte. */
export type NodeAttestation = { mediaType: string; text: string };

/** A JSON Web Key Set (RFC 7517). */
export const InstallationKeys = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.literal("OKP"),
      crv: z.literal("Ed25519"),
      x: z.string(),
      kid: z.string(),
      use: z.literal("sig"),
      alg: z.literal("EdDSA"),
    }),
  ),
});
export type InstallationKeys = z.infer<typeof InstallationKeys>;
