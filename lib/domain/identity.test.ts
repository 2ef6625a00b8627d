import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalIdentity,
  decideIdentity,
  type Holder,
  type IdentityDecision,
  identityKey,
  isOfProvisioning,
  type KnownIdentities,
  roleOf,
} from "./identity.ts";
import { IDENTITY_KINDS, type IdentityKind, isStrongIdentity, type NodeIdentity } from "./verdict.ts";

type Decide = typeof decideIdentity;

/** What ingest keeps of who is who, applied as ingest applies decisions. */
function directory(decide: Decide = decideIdentity) {
  const holders = new Map<string, Holder>();
  const anchors = new Map<string, string>();
  let made = 0;
  const known: KnownIdentities = {
    holderOf: (identity) => holders.get(identityKey(identity)),
    anchorOf: (nodeId, kind) => anchors.get(`${nodeId} ${kind}`),
  };
  return {
    holders,
    /** Every fact that is kept, as one sorted text. */
    state: () => JSON.stringify([[...holders].sort(), [...anchors].sort()]),
    claim(identities: readonly NodeIdentity[], seenAtMs = 0): IdentityDecision & { about?: string } {
      const decision = decide(identities.map(canonicalIdentity), seenAtMs, known);
      if (decision.kind !== "node") return decision;
      const nodeId = decision.nodeId ?? `node-${made++}`;
      for (const identity of decision.add) {
        holders.set(identityKey(identity), { nodeId, supersededMs: null });
        if (roleOf(identity.kind) === "anchor") anchors.set(`${nodeId} ${identity.kind}`, identity.value);
      }
      return { ...decision, about: nodeId };
    },
  };
}

const STRONG = IDENTITY_KINDS.filter(isStrongIdentity);
const ANCHOR_KINDS = STRONG.filter((kind) => roleOf(kind) === "anchor");
const NAMING_KINDS = STRONG.filter((kind) => roleOf(kind) !== "anchor");

const kind = fc.constantFrom(...IDENTITY_KINDS);
const value = fc.constantFrom("a", "b", "c", "A", "é", "e\u0301");
const identity: fc.Arbitrary<NodeIdentity> = fc.record({ kind, value });
const claims = fc.array(fc.array(identity, { maxLength: 5 }), { maxLength: 30 });
const RUNS = { numRuns: 3_000 };

/** Ids that moved from one node to another, or that share a node with what belonged to another before. */
function mergedBy(decide: Decide, list: readonly (readonly NodeIdentity[])[]): boolean {
  const world = directory(decide);
  for (const claim of list) {
    const before = new Map([...world.holders].map(([key, { nodeId }]) => [key, nodeId]));
    world.claim(claim);
    for (const [key, nodeId] of before) if (world.holders.get(key)?.nodeId !== nodeId) return true;
    const now = new Set(claim.map((one) => world.holders.get(identityKey(canonicalIdentity(one)))?.nodeId));
    const then = new Set(claim.flatMap((one) => before.get(identityKey(canonicalIdentity(one))) ?? []));
    if (then.size > 1 && now.size === 1) return true;
  }
  return false;
}

/** A decider with a planted bug: it believes the first identity that it knows. */
const believesTheFirst: Decide = (identities, seenAtMs, known) => {
  const decision = decideIdentity(identities, seenAtMs, known);
  if (decision.kind !== "refused") return decision;
  const nodeId =
    identities.flatMap((one) => (isStrongIdentity(one.kind) ? (known.holderOf(one)?.nodeId ?? []) : []))[0] ??
    null;
  return {
    kind: "node",
    nodeId,
    add: identities.filter(({ kind }) => isStrongIdentity(kind)),
    finding: null,
  };
};

describe("roles of identities", () => {
  it("give every kind one role, weak exactly where it proves nothing", () => {
    for (const kind of IDENTITY_KINDS) expect(roleOf(kind) === "weak").toBe(!isStrongIdentity(kind));
    expect(Object.fromEntries(IDENTITY_KINDS.map((kind) => [kind, roleOf(kind)]))).toMatchInlineSnapshot(`
      {
        "agent_uuid": "name",
        "ak_sha256": "anchor",
        "boot_id": "weak",
        "cca_platform_instance": "anchor",
        "cloud_instance": "anchor",
        "custom": "name",
        "devid_fp": "anchor",
        "ek_sha256": "anchor",
        "hostname": "weak",
        "ip": "weak",
        "k8s_node_name": "weak",
        "k8s_node_uid": "provisioning",
        "mac": "weak",
        "machine_uid": "provisioning",
        "provider_id": "provisioning",
        "psa_instance": "anchor",
        "serial": "anchor",
        "spiffe_id": "provisioning",
        "system_uuid": "anchor",
        "ueid": "anchor",
        "vm_id": "anchor",
      }
    `);
  });

  it("let no anchor and no weak identity open a provisioning", () => {
    for (const kind of IDENTITY_KINDS.filter(isOfProvisioning))
      expect(["name", "provisioning"]).toContain(roleOf(kind));
  });
});

describe("one spelling", () => {
  it("folds only what means the same by definition", () => {
    const same = (kind: IdentityKind, a: string, b: string) =>
      canonicalIdentity({ kind, value: a }).value === canonicalIdentity({ kind, value: b }).value;
    const uuid = "ABCDEF00-0000-4000-8000-000000000001";
    expect(same("ek_sha256", "AB:CD", "abcd")).toBe(true);
    expect(same("agent_uuid", uuid, uuid.toLowerCase())).toBe(true);
    expect(same("agent_uuid", "Node-A", "node-a")).toBe(false);
    expect(same("custom", uuid, uuid.toLowerCase())).toBe(false);
    expect(same("serial", "ABC", "abc")).toBe(false);
    expect(same("custom", "\u00e9", "e\u0301")).toBe(false);
  });

  it("is reached in one step for any text", () => {
    fc.assert(
      fc.property(fc.record({ kind, value: fc.string({ unit: "binary" }) }), (one) => {
        const once = canonicalIdentity(one);
        expect(canonicalIdentity(once)).toEqual(once);
      }),
      RUNS,
    );
  });
});

describe("who a claim is about", () => {
  it("never merges two nodes nor moves an identity, whatever is claimed", () => {
    fc.assert(
      fc.property(claims, (list) => !mergedBy(decideIdentity, list)),
      RUNS,
    );
  });

  it("(planted) the same check catches a decider that believes the first identity it knows", () => {
    const found = fc.check(
      fc.property(claims, (list) => !mergedBy(believesTheFirst, list)),
      RUNS,
    );
    expect(found.failed).toBe(true);
  });

  it("is nobody for weak identities alone, so that they make and change nothing", () => {
    const weak = fc.array(
      fc.record({ kind: fc.constantFrom(...IDENTITY_KINDS.filter((k) => !isStrongIdentity(k))), value }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(claims, weak, (list, last) => {
        const world = directory();
        for (const claim of list) world.claim(claim);
        const before = world.state();
        expect(world.claim(last)).toEqual({ kind: "nobody" });
        expect(world.state()).toBe(before);
      }),
      RUNS,
    );
  });

  it("does not depend on weak identities at all", () => {
    fc.assert(
      fc.property(claims, (list) => {
        const [all, strong] = [directory(), directory()];
        for (const claim of list) {
          all.claim(claim);
          strong.claim(claim.filter(({ kind }) => isStrongIdentity(kind)));
        }
        expect(all.state()).toBe(strong.state());
      }),
      RUNS,
    );
  });
});

describe("a changed anchor", () => {
  const takeover = fc.record({
    name: fc.constantFrom(...NAMING_KINDS),
    anchor: fc.constantFrom(...ANCHOR_KINDS),
    more: fc.array(identity, { maxLength: 3 }),
  });
  const NAME = "0a0b0c0d-0000-4000-8000-00000000abcd";

  it("is refused for every kind of name and anchor, raises an alarm, and changes no field", () => {
    fc.assert(
      fc.property(takeover, ({ name, anchor, more }) => {
        const world = directory();
        const { about } = world.claim([
          { kind: name, value: NAME },
          { kind: anchor, value: "aa" },
        ]);
        const before = world.state();
        const rest = more.filter(({ kind }) => roleOf(kind) !== "anchor" && kind !== name);
        const answer = world.claim([...rest, { kind: name, value: NAME }, { kind: anchor, value: "bb" }]);
        expect(answer).toMatchObject({
          kind: "refused",
          code: "event/identity-changed",
          finding: { kind: "anchor_changed", nodeId: about },
        });
        expect(world.state()).toBe(before);
      }),
      RUNS,
    );
  });

  it("never reaches the node through another spelling of its name", () => {
    const spellings = [
      NAME.toUpperCase(),
      NAME.replace("a", "а"),
      `${NAME} `,
      NAME.normalize("NFD"),
      `\u200b${NAME}`,
    ];
    fc.assert(
      fc.property(takeover, fc.constantFrom(...spellings), ({ name, anchor }, spelling) => {
        const world = directory();
        const { about } = world.claim([
          { kind: name, value: NAME },
          { kind: anchor, value: "aa" },
        ]);
        const mine = JSON.stringify([...world.holders].filter(([, { nodeId }]) => nodeId === about));
        const answer = world.claim([
          { kind: name, value: spelling },
          { kind: anchor, value: "bb" },
        ]);
        expect(answer.about).not.toBe(about);
        expect(JSON.stringify([...world.holders].filter(([, { nodeId }]) => nodeId === about))).toBe(mine);
      }),
      RUNS,
    );
  });

  it("is found in a claim that carries the right anchor besides the wrong one", () => {
    const world = directory();
    world.claim([{ kind: "ek_sha256", value: "aa" }]);
    const answer = world.claim([
      { kind: "ek_sha256", value: "aa" },
      { kind: "ek_sha256", value: "bb" },
    ]);
    expect(answer).toMatchObject({ kind: "refused", code: "event/identity-conflict" });
  });

  it("names the other node when the anchor is known to be another's", () => {
    const world = directory();
    const a = world.claim([{ kind: "ek_sha256", value: "aa" }]).about;
    const b = world.claim([
      { kind: "agent_uuid", value: "b" },
      { kind: "ek_sha256", value: "bb" },
    ]).about;
    const answer = world.claim([
      { kind: "agent_uuid", value: "b" },
      { kind: "ek_sha256", value: "aa" },
    ]);
    expect(answer).toMatchObject({ finding: { kind: "anchor_changed", nodeId: b, otherNodeId: a } });
  });
});

describe("clones", () => {
  it("are found when one key is claimed under two names that are different nodes", () => {
    const world = directory();
    const a = world.claim([{ kind: "ak_sha256", value: "aa" }]).about;
    const b = world.claim([{ kind: "agent_uuid", value: "b" }]).about;
    const answer = world.claim([
      { kind: "agent_uuid", value: "b" },
      { kind: "ak_sha256", value: "aa" },
    ]);
    expect(answer).toMatchObject({
      code: "event/identity-conflict",
      finding: { kind: "duplicate_key", nodeId: a, otherNodeId: b },
    });
  });

  const former = (seenAtMs: number) =>
    decideIdentity([{ kind: "agent_uuid", value: "old" }], seenAtMs, {
      holderOf: () => ({ nodeId: "n", supersededMs: 1_000_000 }),
      anchorOf: () => undefined,
    });

  it("are found when a former name still speaks after its successor appeared", () => {
    expect(former(1_000_000 + 300_001)).toMatchObject({
      kind: "node",
      finding: { kind: "clone", nodeId: "n" },
    });
  });

  it("are not seen in what was said before the successor appeared, however late it arrives", () => {
    expect(former(999_999)).toMatchObject({ kind: "node", finding: null });
    expect(former(1_000_000 + 300_000)).toMatchObject({ kind: "node", finding: null });
  });
});

describe("order of arrival", () => {
  /** Machines that always give their name, and any of their other identities. */
  const machines = fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.array(
      fc.record({
        machine: fc.integer({ min: 0, max: count - 1 }),
        kinds: fc.uniqueArray(fc.constantFrom(...IDENTITY_KINDS), { maxLength: 6 }),
        salt: fc.integer(),
      }),
      { maxLength: 20 },
    ),
  );
  const partition = (world: ReturnType<typeof directory>) => {
    const byNode = Map.groupBy([...world.holders], ([, { nodeId }]) => nodeId);
    return [...byNode.values()]
      .map((some) =>
        some
          .map(([key]) => key)
          .sort()
          .join(),
      )
      .sort();
  };

  it("leaves the same identities on the same machines", () => {
    fc.assert(
      fc.property(machines, (list) => {
        const claim = ({ machine, kinds }: (typeof list)[number]): NodeIdentity[] => [
          { kind: "custom", value: `name-${machine}` },
          ...kinds.filter((kind) => kind !== "custom").map((kind) => ({ kind, value: `${kind}-${machine}` })),
        ];
        const [inOrder, shuffled] = [directory(), directory()];
        for (const one of list) inOrder.claim(claim(one));
        for (const one of [...list, ...list].sort((a, b) => a.salt - b.salt)) shuffled.claim(claim(one));
        expect(partition(shuffled)).toEqual(partition(inOrder));
      }),
      RUNS,
    );
  });
});
