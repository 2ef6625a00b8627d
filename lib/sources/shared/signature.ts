/** JWS signature algorithms (RFC 7518 §3.3–3.5, RFC 8037) straight on the engine's key objects. */
import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from "node:crypto";

type Algorithm = {
  /** `null` = the key itself says it (Ed25519). */
  hash: string | null;
  /** Whether a key is of the one kind that the algorithm is for. */
  fits: (key: KeyObject) => boolean;
  how: Omit<VerifyKeyObjectInput, "key">;
  /** Bytes of a signature by a key; `null` = the engine looks at it. */
  length: (key: KeyObject) => number | null;
};

const RSA_MIN_BITS = 2048;

const onCurve = (namedCurve: string) => (key: KeyObject) =>
  key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === namedCurve;
const isRsa = (key: KeyObject) =>
  key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_MIN_BITS;
// RFC 8017 §8.1.2, step 1. The engine takes a signature that lacks the zeros it begins with, so that one would have two forms.
const rsaLength = (key: KeyObject) => Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
const anyLength = () => null;
const isEd25519 = (key: KeyObject) => key.asymmetricKeyType === "ed25519";

// r and s side by side, each as long as the curve, as JWS has them; not DER.
const ecdsa = (hash: string, curve: string): Algorithm => ({
  hash,
  fits: onCurve(curve),
  how: { dsaEncoding: "ieee-p1363" },
  length: anyLength,
});
const pss = (hash: string): Algorithm => ({
  hash,
  fits: isRsa,
  how: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  length: rsaLength,
});
const pkcs1 = (hash: string): Algorithm => ({
  hash,
  fits: isRsa,
  how: { padding: constants.RSA_PKCS1_PADDING },
  length: rsaLength,
});
const ed25519: Algorithm = { hash: null, fits: isEd25519, how: {}, length: anyLength };

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ["ES256", ecdsa("sha256", "prime256v1")],
  ["ES384", ecdsa("sha384", "secp384r1")],
  ["ES512", ecdsa("sha512", "secp521r1")],
  ["PS256", pss("sha256")],
  ["PS384", pss("sha384")],
  ["PS512", pss("sha512")],
  ["RS256", pkcs1("sha256")],
  ["RS384", pkcs1("sha384")],
  ["RS512", pkcs1("sha512")],
  ["EdDSA", ed25519],
  ["Ed25519", ed25519],
]);

/**
 * Whether a signature over some bytes is good, computed off the main thread.
 *
 * An unknown algorithm, or a key of another kind than the algorithm's, verifies nothing.
 */
export function isSignedBy(
  key: KeyObject,
  alg: string,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const algorithm = ALGORITHMS.get(alg);
  if (!algorithm?.fits(key)) return Promise.resolve(false);
  const length = algorithm.length(key);
  if (length !== null && signature.length !== length) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(algorithm.hash, signed, { key, ...algorithm.how }, signature, (error, good) =>
      // An error is about the signature's form: the key was checked when it was registered.
      resolve(error === null && good),
    );
  });
}
