/**
 * Which identity decides: what each kind of identity may say about who a node is, and what becomes of
 * a claim that says something else than is known.
 */
import { type IdentityKind, isStrongIdentity, type NodeIdentity } from "./verdict.ts";

/**
 * What an identity may decide.
 *
 * `anchor` belongs to the machine and never changes without an approved rebind; `name` is given to it by
 * somebody; `provisioning` lives as long as one provisioning; `weak` proves nothing.
 */
export const IDENTITY_ROLES = ["anchor", "name", "provisioning", "weak"] as const;
export type IdentityRole = (typeof IDENTITY_ROLES)[number];

const ANCHORS: ReadonlySet<IdentityKind> = new Set([
  "ek_sha256",
  "ak_sha256",
  "devid_fp",
  "psa_instance",
  "cca_platform_instance",
  "cloud_instance",
  "vm_id",
  "ueid",
  "system_uuid",
  "serial",
]);

/** Anchors that are keys: two holders of one of these are two holders of a private key. */
const KEYS: ReadonlySet<IdentityKind> = new Set(["ek_sha256", "ak_sha256", "devid_fp"]);

const PROVISIONINGS: ReadonlySet<IdentityKind> = new Set([
  "spiffe_id",
  "k8s_node_uid",
  "provider_id",
  "machine_uid",
]);

/** Whether a new value of this kind means that the machine was provisioned again. */
export function isOfProvisioning(kind: IdentityKind): boolean {
  return PROVISIONINGS.has(kind) || kind === "agent_uuid";
}

export function roleOf(kind: IdentityKind): IdentityRole {
  if (!isStrongIdentity(kind)) return "weak";
  if (ANCHORS.has(kind)) return "anchor";
  return PROVISIONINGS.has(kind) ? "provisioning" : "name";
}

const HEX_KINDS: ReadonlySet<IdentityKind> = new Set(["ek_sha256", "ak_sha256", "devid_fp"]);
const UUID_KINDS: ReadonlySet<IdentityKind> = new Set([
  "agent_uuid",
  "system_uuid",
  "k8s_node_uid",
  "machine_uid",
]);
const HEX = /^[0-9a-f]{2}(:?[0-9a-f]{2})*$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The identity in the one spelling that it is compared in.
 *
 * Only spellings that mean the same by their own definition become one: the case of a fingerprint or a
 * UUID, the colons of a fingerprint. Everything else counts as written, for folding case or Unicode
 * would let one machine take another's name.
 */
export function canonicalIdentity({ kind, value }: NodeIdentity): NodeIdentity {
  if (HEX_KINDS.has(kind) && HEX.test(value)) {
    return { kind, value: value.replaceAll(":", "").toLowerCase() };
  }
  return { kind, value: UUID_KINDS.has(kind) && UUID.test(value) ? value.toLowerCase() : value };
}

export const identityKey = ({ kind, value }: NodeIdentity): string => `${kind} ${value}`;

/** Holder of a strong identity. */
export type Holder = {
  nodeId: string;
  /** When a newer value of its kind appeared, epoch milliseconds; `null` = it is the newest. */
  supersededMs: number | null;
};

export const ALARM_KINDS = ["anchor_changed", "clone", "duplicate_key", "weak_id_conflict"] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** A finding that two parties claim to be one machine. */
export type IdentityFinding = {
  kind: AlarmKind;
  nodeId: string;
  /** `null` = the other party is no node that is known here. */
  otherNodeId: string | null;
  sentence: string;
  claimed: readonly NodeIdentity[];
};

export type IdentityDecision =
  /** It names nobody by a strong identity. */
  | { kind: "nobody" }
  /** About this node, or a new one (`nodeId` is `null`); `add` are the strong identities that are new to it. */
  | {
      kind: "node";
      nodeId: string | null;
      add: readonly NodeIdentity[];
      finding: IdentityFinding | null;
    }
  /** Nothing of the claim may be believed. */
  | {
      kind: "refused";
      code: "event/identity-conflict" | "event/identity-changed";
      detail: string;
      finding: IdentityFinding | null;
    };

/** What is known while a claim is judged. */
export type KnownIdentities = {
  holderOf: (identity: NodeIdentity) => Holder | undefined;
  /** Value of the node's anchor of a kind; `undefined` = it has none of that kind. */
  anchorOf: (nodeId: string, kind: IdentityKind) => string | undefined;
};

/** How long a former identity may still be used before that counts as a second holder. */
const OVERLAP_GRACE_MS = 5 * 60_000;

/**
 * Judge a claim. Pure: the caller writes what is decided, or nothing when it is refused.
 *
 * @param identities in canonical spelling
 * @param seenAtMs when the claim was made, epoch milliseconds
 */
export function decideIdentity(
  identities: readonly NodeIdentity[],
  seenAtMs: number,
  known: KnownIdentities,
): IdentityDecision {
  const strong = [
    ...new Map(
      identities
        .filter(({ kind }) => isStrongIdentity(kind))
        .map((identity) => [identityKey(identity), identity]),
    ).values(),
  ];
  if (strong.length === 0) return { kind: "nobody" };
  const torn = twoOfOneKind(strong);
  if (torn) {
    const detail = `It names two machines: it carries two different values of ${torn}.`;
    return { kind: "refused", code: "event/identity-conflict", detail, finding: null };
  }
  const nodeIds = [...new Set(strong.flatMap((identity) => known.holderOf(identity)?.nodeId ?? []))];
  for (const nodeId of nodeIds) {
    const changed = strong.find(({ kind, value }) => {
      const own = roleOf(kind) === "anchor" ? known.anchorOf(nodeId, kind) : undefined;
      return own !== undefined && own !== value;
    });
    if (changed) return refuseChanged(nodeId, changed, strong, known);
  }
  const [nodeId, other] = nodeIds;
  if (nodeId !== undefined && other !== undefined) return refuseTwoNodes(nodeId, other, strong, known);
  return {
    kind: "node",
    nodeId: nodeId ?? null,
    add: strong.filter((identity) => !known.holderOf(identity)),
    finding: nodeId === undefined ? null : secondHolder(nodeId, strong, seenAtMs, known),
  };
}

function twoOfOneKind(strong: readonly NodeIdentity[]): IdentityKind | null {
  const anchors = strong.filter(({ kind }) => roleOf(kind) === "anchor");
  return anchors.find(({ kind }, index) => anchors.findIndex((a) => a.kind === kind) !== index)?.kind ?? null;
}

function refuseChanged(
  nodeId: string,
  changed: NodeIdentity,
  strong: readonly NodeIdentity[],
  known: KnownIdentities,
): IdentityDecision {
  const named = strong.find((identity) => known.holderOf(identity)?.nodeId === nodeId) ?? changed;
  const holder = known.holderOf(changed)?.nodeId ?? null;
  return {
    kind: "refused",
    code: "event/identity-changed",
    detail: `The node that its ${named.kind} names has another ${changed.kind}. Only an approved rebind changes that.`,
    finding: {
      kind: "anchor_changed",
      nodeId,
      otherNodeId: holder === nodeId ? null : holder,
      sentence: `Something used the ${named.kind} of this node with another ${changed.kind} than the node has.`,
      claimed: strong,
    },
  };
}

function refuseTwoNodes(
  nodeId: string,
  otherNodeId: string,
  strong: readonly NodeIdentity[],
  known: KnownIdentities,
): IdentityDecision {
  const anchor = strong.find(
    (identity) => roleOf(identity.kind) === "anchor" && known.holderOf(identity) !== undefined,
  );
  const owner = anchor && known.holderOf(anchor)?.nodeId;
  const second = owner === nodeId ? otherNodeId : nodeId;
  return {
    kind: "refused",
    code: "event/identity-conflict",
    detail: "Its identities belong to different nodes; nodes are never merged by an event.",
    finding:
      anchor && owner !== undefined
        ? {
            kind: KEYS.has(anchor.kind) ? "duplicate_key" : "clone",
            nodeId: owner,
            otherNodeId: second,
            sentence: `The ${anchor.kind} of this node was claimed under the name of another node.`,
            claimed: strong,
          }
        : null,
  };
}

/** An identity that a newer one took the place of still speaks: two holders at the same time. */
function secondHolder(
  nodeId: string,
  strong: readonly NodeIdentity[],
  seenAtMs: number,
  known: KnownIdentities,
): IdentityFinding | null {
  const ended = strong.find((identity) => {
    const supersededMs = known.holderOf(identity)?.supersededMs ?? null;
    return supersededMs !== null && seenAtMs > supersededMs + OVERLAP_GRACE_MS;
  });
  if (!ended) return null;
  const key = strong.find(({ kind }) => KEYS.has(kind));
  return {
    kind: key ? "duplicate_key" : "clone",
    nodeId,
    otherNodeId: null,
    sentence: `Two provisionings of this node are in use at the same time: its former ${ended.kind} still speaks.`,
    claimed: [ended],
  };
}
