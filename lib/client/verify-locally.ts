/** Commands with which anyone can check a downloaded verdict without trusting this server. Pure. */
import type { VerdictView } from "#lib/contracts/node";

type Stored = Pick<VerdictView, "eventHash" | "rawSha256" | "signature">;

/** Name under which the server hands the bytes out; made of the digest only, never of foreign text. */
export function evidenceFileName({ eventHash }: Pick<Stored, "eventHash">): string {
  return `evidence-${eventHash.replace(/[^0-9a-f]/gi, "").slice(0, 16)}.bin`;
}

/** Checks that the file is byte for byte what was received. */
export function digestCommand(verdict: Stored): string {
  return `echo "${verdict.rawSha256.replace(/[^0-9a-f]/gi, "")}  ${evidenceFileName(verdict)}" | sha256sum --check`;
}

/** What `crypto.verify` of Node.js needs to know about each signature algorithm. */
const ALGORITHMS: Readonly<Record<string, { hash: string | null; options: string }>> = {
  ES256: { hash: "sha256", options: ',dsaEncoding:"ieee-p1363"' },
  ES384: { hash: "sha384", options: ',dsaEncoding:"ieee-p1363"' },
  ES512: { hash: "sha512", options: ',dsaEncoding:"ieee-p1363"' },
  RS256: { hash: "sha256", options: "" },
  RS384: { hash: "sha384", options: "" },
  RS512: { hash: "sha512", options: "" },
  PS256: { hash: "sha256", options: ",padding:c.constants.RSA_PKCS1_PSS_PADDING,saltLength:32" },
  PS384: { hash: "sha384", options: ",padding:c.constants.RSA_PKCS1_PSS_PADDING,saltLength:48" },
  PS512: { hash: "sha512", options: ",padding:c.constants.RSA_PKCS1_PSS_PADDING,saltLength:64" },
  EdDSA: { hash: null, options: "" },
  Ed25519: { hash: null, options: "" },
};

/**
 * Checks the signature of a compact token against a key set, with nothing but Node.js.
 *
 * The algorithm is fixed by us and never taken from the token.
 *
 * @returns `null` for unsigned verdicts and algorithms without a command
 */
export function signatureCommand(verdict: Stored, keysFile = "keys.json"): string | null {
  const { status, alg } = verdict.signature;
  const how = alg ? ALGORITHMS[alg] : undefined;
  if (status !== "verified" || !how) return null;
  const script = [
    'const c=require("crypto"),f=require("fs"),[t,k]=process.argv.slice(1).map(p=>f.readFileSync(p,"utf8").trim());',
    'const [h,p,s]=t.split("."),j=JSON.parse(k),keys=j.keys??[j];',
    `const good=keys.find(key=>{try{return c.verify(${JSON.stringify(how.hash)},Buffer.from(h+"."+p),`,
    `{key:c.createPublicKey({key,format:"jwk"})${how.options}},Buffer.from(s,"base64url"))}catch{return false}});`,
    'console.log(good?"GOOD signature by key "+good.kid:"BAD signature: no key in the set made it");process.exitCode=good?0:1',
  ].join("");
  return `node -e '${script}' ${evidenceFileName(verdict)} ${keysFile}`;
}
