/**
 * All nodes as admission sees them, in memory: an answer waits for nobody.
 *
 * Holds what it is told and finds who is meant; `follow.ts` keeps it up to date.
 */
import type { AdmissionNodeRow } from "#db/queries/admission";
import type { AdmissionFacts, AdmissionSubject } from "#lib/domain/admission";
import type { NodeClaim } from "#lib/domain/admission-review";
import { canonicalIdentity, identityKey } from "#lib/domain/identity";
import { isStrongIdentity, type NodeIdentity } from "#lib/domain/verdict";
import { factsOf } from "#lib/services/admission/facts";

export type KnownNode = {
  trustDomainId: string;
  id: string;
  name: string;
  facts: AdmissionFacts;
  /** What it is found by, as in the index. */
  keys: readonly string[];
};

export type Found = { subject: AdmissionSubject; node: KnownNode | null };

/** Where a name is looked for, the most telling first: what the cluster calls a node, what we do, what it does. */
const NAME_TIERS = ["k8s_node_name", "display", "hostname"] as const;

export class AdmissionMirror {
  readonly #nodes = new Map<string, KnownNode>();
  /** Node ids by what they are found by; one id as itself, several as a list, for the sake of memory. */
  readonly #index = new Map<string, string | readonly string[]>();

  get size(): number {
    return this.#nodes.size;
  }

  put(row: AdmissionNodeRow): void {
    const node = knownNode(row);
    const before = this.#nodes.get(node.id);
    this.#nodes.set(node.id, node);
    for (const key of before?.keys ?? []) if (!node.keys.includes(key)) this.#drop(key, node.id);
    for (const key of node.keys) if (!before?.keys.includes(key)) this.#add(key, node.id);
  }

  /** All nodes of these domains. */
  *in(domains: ReadonlySet<string>): Iterable<KnownNode> {
    for (const node of this.#nodes.values()) if (domains.has(node.trustDomainId)) yield node;
  }

  byId(domains: ReadonlySet<string>, id: string): Found {
    const node = this.#nodes.get(id);
    return node && domains.has(node.trustDomainId) ? of(node) : UNKNOWN;
  }

  /**
   * The one node of these domains that a claim means.
   *
   * Proofs decide before names do. A name whose holder is known by another proof of the same kind is a conflict:
   * otherwise a machine could enter under the name of a better one.
   */
  byClaim(domains: ReadonlySet<string>, { name, identities }: NodeClaim): Found {
    const strong = identities.map(canonicalIdentity).filter(({ kind }) => isStrongIdentity(kind));
    const proven = this.#distinct(domains, strong.map(identityKey));
    if (proven.length > 1) return conflict("The identities belong to different nodes");
    const byName = name === null ? [] : this.#byName(domains, name);
    const [node] = proven;
    if (node) {
      if (byName.length > 0 && !byName.includes(node))
        return conflict("The name belongs to another node than the identities");
      return contradicts(node, strong) ?? of(node);
    }
    if (byName.length > 1) return conflict(`${byName.length} nodes have this name`);
    const [namesake] = byName;
    if (!namesake) return UNKNOWN;
    return contradicts(namesake, strong) ?? of(namesake);
  }

  #byName(domains: ReadonlySet<string>, name: string): readonly KnownNode[] {
    for (const tier of NAME_TIERS) {
      const found = this.#distinct(domains, [`${tier} ${name}`]);
      // A machine that is gone for good does not stand in the way of its successor.
      const alive = found.filter(({ facts }) => facts.lifecycle !== "decommissioned");
      if (found.length > 0) return alive.length > 0 ? alive : found;
    }
    return [];
  }

  #distinct(domains: ReadonlySet<string>, keys: readonly string[]): readonly KnownNode[] {
    const ids = new Set(keys.flatMap((key) => this.#index.get(key) ?? []));
    return [...ids].flatMap((id) => {
      const node = this.#nodes.get(id);
      return node && domains.has(node.trustDomainId) ? [node] : [];
    });
  }

  #add(key: string, id: string): void {
    const held = this.#index.get(key);
    this.#index.set(key, held === undefined ? id : [held, id].flat());
  }

  #drop(key: string, id: string): void {
    const left = [this.#index.get(key) ?? []].flat().filter((other) => other !== id);
    if (left.length === 0) this.#index.delete(key);
    else this.#index.set(key, left.length === 1 ? (left[0] ?? left) : left);
  }
}

const UNKNOWN: Found = { subject: { kind: "unknown" }, node: null };
const of = (node: KnownNode): Found => ({ subject: { kind: "node", facts: node.facts }, node });
const conflict = (why: string): Found => ({ subject: { kind: "conflict", why }, node: null });

/** The node is known by one value of a kind, and the claim names another one. A provisioning's identities come and go. */
function contradicts(node: KnownNode, claimed: readonly NodeIdentity[]): Found | null {
  for (const identity of claimed.filter(({ kind }) => kind === "system_uuid")) {
    const known = node.keys.find((key) => key.startsWith(`${identity.kind} `));
    if (known !== undefined && known !== identityKey(identity))
      return conflict(`The node that is known as ${node.name} has another ${identity.kind}`);
  }
  return null;
}

function knownNode(row: AdmissionNodeRow): KnownNode {
  return {
    trustDomainId: row.trustDomainId,
    id: row.id,
    name: row.name,
    facts: factsOf(row),
    keys: [`display ${row.name}`, ...row.identities],
  };
}
