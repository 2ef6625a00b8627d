import type { CreateSourceBody } from "#lib/contracts/source";

/** Reads a pasted JWK set; a single JWK is taken as a set of one. Answers the set or what is wrong. */
export function readJwks(text: string): { jwks: CreateSourceBody["jwks"] } | { problem: string } {
  if (text.trim() === "") return { jwks: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      problem: "This is not JSON. Paste a JWK set; a PEM key can be added with npx touchstone source add.",
    };
  }
  const keys = isObject(value) && Array.isArray(value.keys) ? value.keys : [value];
  if (!keys.every(isObject)) return { problem: 'A JWK set looks like {"keys": [{"kty": …}]}.' };
  if (!keys.every((key) => typeof key.kty === "string")) return { problem: "A key without “kty” is no JWK." };
  if (keys.some((key) => "d" in key || "k" in key)) {
    return { problem: "This holds a private or secret key. Paste public keys only." };
  }
  return { jwks: { keys } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
