/** What every source with a derived vector promises about claims that are validly signed, but odd. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TIERS, type Tier } from "#lib/domain/ar4si";
import type { Interpretation, Source } from "#lib/sources/contract";
import { sourceByKind } from "#lib/sources/registry";
import {
  amberSgx,
  gcpClaims,
  gpuClaims,
  itaFlat,
  itaNested,
  maaClaims,
  overallClaims,
  simpleClaims,
  summaryStatement,
  tdxClaims,
  tpmClaims,
} from "#tests/fixtures/verifier-claims";
import {
  contextOf,
  messageOf,
  newSigningKey,
  type SigningKey,
  sha256,
  sign,
  signEnvelope,
} from "#tests/source-testing";

type Wrap = (key: SigningKey, claims: object) => Promise<string>;
const asToken: Wrap = (key, claims) => sign(key, claims);
const asEnvelope: Wrap = async (key, claims) => signEnvelope([key], claims);
const asBundle: Wrap = async (key, claims) => {
  const token = await sign(key, claims);
  const overall = await sign(key, overallClaims({ "GPU-0": sha256(Buffer.from(token)) }));
  return JSON.stringify([["JWT", overall], { "GPU-0": token }]);
};

const nested = () => itaNested({ tdx: tdxClaims(), tpm: tpmClaims() });
const SAMPLES: readonly { name: string; kind: string; claims: object; wrap: Wrap }[] = [
  { name: "coco-simple", kind: "coco-simple", claims: simpleClaims(), wrap: asToken },
  { name: "ita, flat", kind: "ita", claims: itaFlat(), wrap: asToken },
  {
    name: "ita, old names",
    kind: "ita",
    claims: amberSgx({ amber_tcb_status: "UP_TO_DATE" }),
    wrap: asToken,
  },
  { name: "ita, nested", kind: "ita", claims: nested(), wrap: asToken },
  { name: "maa", kind: "maa", claims: maaClaims(), wrap: asToken },
  { name: "gcp-cs", kind: "gcp-cs", claims: gcpClaims(), wrap: asToken },
  { name: "nvidia", kind: "nvidia", claims: gpuClaims(), wrap: asBundle },
  { name: "vsa", kind: "vsa", claims: summaryStatement(), wrap: asEnvelope },
];

/** From best to worst. A verdict without any statement is worse than a good one. */
const GOODNESS: readonly Tier[] = ["affirming", "none", "warning", "contraindicated"];
const badness = ({ items }: Interpretation) =>
  items.map((item) => (item.kind === "verdict" ? GOODNESS.indexOf(item.verdict.tier) : -1));

/** Every path to a value, so that each can be exchanged. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))
      : [];
  return path.length === 0 ? inner : [path, ...inner];
}

function replaced(claims: object, path: readonly string[], value: unknown): object {
  const copy = structuredClone(claims);
  let parent = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) parent = parent[name] as Record<string, unknown>;
  parent[path.at(-1) ?? ""] = value;
  return copy;
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    "",
    "false",
    "enabled",
    -1,
    1e300,
    [],
    {},
    { toString: 1 },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
/** Claims that no verifier has issued yet, some of them named like those that exist. */
const unknownClaims = fc.dictionary(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }).map((name) => `zz-${name}`),
    fc.constantFrom(
      "x-ms-new-enabled",
      "x-nvidia-gpu-new-check",
      "tdx_new_flag",
      "attester_new_status",
      "secboot_new",
      "approved",
      "verificationResultOverride",
    ),
  ),
  oddValue,
  { maxKeys: 4 },
);

const keys = new Map<string, SigningKey>();

beforeAll(async () => {
  keys.set("key", await newSigningKey("k"));
});

describe.each(SAMPLES)("$name", ({ kind, claims, wrap }) => {
  const source = sourceByKind(kind) as Source;
  const key = () => keys.get("key") as SigningKey;

  async function interpret(changed: object): Promise<Interpretation> {
    const message = messageOf(await wrap(key(), changed), { subject: "n1" });
    return source.interpret(message, contextOf({ keys: [key().pinned] }));
  }

  it("is good to begin with", async () => {
    const result = await interpret(claims);
    expect(result.rejections).toEqual([]);
    expect(new Set(badness(result))).toEqual(new Set([0]));
  });

  it("never throws for any one claim exchanged, and keeps what it says in bounds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...pathsOf(claims)), oddValue, async (path, value) => {
        const { items, rejections } = await interpret(replaced(claims, path, value));
        expect(items.length === 0).toBe(rejections.length > 0);
        for (const item of items) {
          if (item.kind !== "verdict") throw new Error("no verdict");
          expect(TIERS).toContain(item.verdict.tier);
          expect(item.verdict.vectorOrigin).toBe("derived");
          expect(item.verdict.mappingVersion).toBe(`${kind}/1`);
          expect(item.verdict.tier === "affirming").toBe(item.verdict.outcome === "verified_good");
        }
      }),
      { numRuns: 120 },
    );
  });

  it("says nothing better because of claims that it does not know", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pathsOf(claims)),
        oddValue,
        unknownClaims,
        async (path, value, more) => {
          const before = await interpret(replaced(claims, path, value));
          const after = await interpret({ ...more, ...replaced(claims, path, value) });
          if (after.items.length === 0) return;
          expect(before.items).toHaveLength(after.items.length);
          const worst = badness(before);
          badness(after).forEach((rank, lane) => {
            expect(rank).toBeGreaterThanOrEqual(worst[lane] ?? 0);
          });
        },
      ),
      { numRuns: 80 },
    );
  });

  it("is never good by fewer claims than the sample has", async () => {
    const before = badness(await interpret(claims));
    for (const path of pathsOf(claims)) {
      const after = await interpret(replaced(claims, path, undefined));
      badness(after).forEach((rank, lane) => {
        if (before.length === after.items.length)
          expect(rank, path.join("/")).toBeGreaterThanOrEqual(before[lane] ?? 0);
      });
    }
  });
});
