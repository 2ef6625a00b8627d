/** The array form of NVIDIA's tokens: one overall token, and one detached token per GPU. */
import { z } from "zod";
import type { PinnedKey, SignatureStatus } from "#lib/sources/contract";
import { check, type Members, Text, timesOf } from "#lib/sources/shared/claims";
import { verifyJws } from "#lib/sources/shared/jws";
import { laneName } from "#lib/sources/shared/lane-name";
import { Refusal, readJson } from "#lib/sources/shared/refusal";
import { sha256Hex } from "#lib/sources/shared/text";
import { readClaims } from "#lib/sources/shared/token";
import type { StatedTimes } from "#lib/sources/shared/window";

const MAX_GPUS = 64;

const Body = z.tuple([z.tuple([z.literal("JWT"), z.string()]), z.record(z.string(), z.string())]);
const Digest = z.tuple([
  z.literal("DIGEST"),
  z.tuple([z.enum(["SHA-256", "SHA256"]), z.string().regex(/^[0-9a-fA-F]{64}$/)]),
]);
const Overall = z.object({
  iss: Text,
  "x-nvidia-overall-att-result": z.boolean(),
  submods: z.record(z.string(), Digest),
});

export type Gpu = { name: string; claims: Members; times: StatedTimes };
export type Bundle = {
  issuer: string;
  passed: boolean;
  times: StatedTimes;
  claims: Members;
  gpus: readonly Gpu[];
  signature: Extract<SignatureStatus, { status: "verified" }>;
};

/**
 * Open and verify a whole bundle. It stands or falls as one: leaving out the GPU that failed, or
 * putting in one from another machine, would make the rest look better than it is.
 *
 * @throws {Refusal} `signature` when a detached token is not the one that the overall token names
 */
export async function openBundle(body: Uint8Array, keys: readonly PinnedKey[]): Promise<Bundle> {
  const { overall: token, detached } = readBody(body);
  const { payload, signature } = await verifyJws(Buffer.from(token), keys);
  const claims = readClaims(payload, "the overall token");
  const { iss, "x-nvidia-overall-att-result": passed, submods } = check(Overall, claims, "the overall token");
  const names = Object.keys(submods);
  if (names.length === 0 || names.length > MAX_GPUS) {
    throw new Refusal("claims", `a result states 1 to ${MAX_GPUS} GPUs, this one ${names.length}`);
  }
  const unnamed = [...detached.keys()].find((name) => !Object.hasOwn(submods, name));
  if (unnamed !== undefined)
    throw new Refusal("signature", "a detached token is not named by the overall token");
  const gpus: Gpu[] = [];
  for (const [name, [, [, digest]]] of Object.entries(submods)) {
    gpus.push(await readGpu(laneName(name), detached.get(name), digest, keys));
  }
  return { issuer: iss, passed, times: timesOf(claims, "the overall token"), claims, gpus, signature };
}

function readBody(body: Uint8Array): { overall: string; detached: ReadonlyMap<string, string> } {
  const result = Body.safeParse(readJson(body, "the message"));
  if (!result.success) {
    throw new Refusal("malformed", 'the message is not of the form [["JWT", token], {"GPU-0": token}]');
  }
  const [[, overall], detached] = result.data;
  return { overall, detached: new Map(Object.entries(detached)) };
}

async function readGpu(
  name: string,
  token: string | undefined,
  digest: string,
  keys: readonly PinnedKey[],
): Promise<Gpu> {
  if (token === undefined) throw new Refusal("signature", `the token of ${name} is missing`);
  if (sha256Hex(token) !== digest.toLowerCase()) {
    throw new Refusal("signature", `the token of ${name} is not the one that the overall token names`);
  }
  const { payload } = await verifyJws(Buffer.from(token), keys);
  const claims = readClaims(payload, `the token of ${name}`);
  return { name, claims, times: timesOf(claims, `the token of ${name}`) };
}
