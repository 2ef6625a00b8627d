/** The machines of the demo fleet: from a seed and a number to names, places and identities. */
import { between, chance, hex, uuid } from "./random.ts";

export const POOLS = ["control-plane", "worker", "gpu", "edge", "confidential"] as const;
export type Pool = (typeof POOLS)[number];

/** Which verifier appraises a node: the laboratory's own, or that of the cloud. */
export type VerifierName = "lab-verifier" | "cloud-verifier";

export type DemoNode = {
  /** Position in the fleet, from 0. */
  index: number;
  /** Position in its pool, from 0. The stories choose their nodes by it. */
  position: number;
  name: string;
  pool: Pool;
  zone: string;
  verifier: VerifierName;
  /** A confidential VM with an accelerator is appraised as two submodules. */
  submods: readonly string[];
  serial: string;
  systemUuid: string;
  ekSha256: string;
  spiffeId: string;
  attestor: "tpm_devid" | "join_token" | "azure_imds";
  address: string;
  firmware: { vendor: string; version: string };
  /** When it is found, as a share of the history, 0..1. */
  arrival: number;
};

/** Fewest nodes for which every story has its own. */
export const MIN_NODES = 30;
export const MAX_NODES = 20_000;

const ZONES = ["eu1", "eu2", "us1", "us2"] as const;
const SITES = ["lis", "gdn", "tll", "osl", "bcn", "prg"] as const;
const RACK_SIZE = 12;
const TRUST_DOMAIN = "spiffe://fleet.example";

/** Share of each pool but `worker`, which takes the rest. */
const SHARES: Record<Exclude<Pool, "worker">, number> = {
  "control-plane": 0.03,
  gpu: 0.12,
  edge: 0.13,
  confidential: 0.22,
};
const LEAST: Record<Exclude<Pool, "worker">, number> = {
  "control-plane": 3,
  gpu: 4,
  edge: 6,
  confidential: 8,
};

const FIRMWARE: Record<Pool, readonly { vendor: string; version: string }[]> = {
  "control-plane": [{ vendor: "Dell Inc.", version: "2.14.1" }],
  worker: [
    { vendor: "Dell Inc.", version: "2.14.1" },
    { vendor: "Supermicro", version: "3.6a" },
  ],
  gpu: [{ vendor: "Supermicro", version: "4.1" }],
  edge: [{ vendor: "Lenovo", version: "IYE132G-2.31" }],
  confidential: [{ vendor: "Cloud", version: "4.20.0" }],
};

/** Nodes whose names test whoever shows them. Names are input and are kept as they come. */
const HOSTILE: Readonly<Partial<Record<Pool, Readonly<Record<number, string>>>>> = {
  // A right-to-left override: shown carelessly, it reads as another name.
  edge: { 5: "edg-prg-s006-\u202Exog.\u202C" },
  worker: { 8: '<script>alert("wrk-eu1-r01-n09")</script>' },
  confidential: { 7: `cvm-eu1-z1-n008-${"very-long-name-".repeat(14)}end` },
};

/**
 * The whole fleet, in a fixed order.
 *
 * Names depend on the position alone; serial numbers, addresses and arrival on the seed.
 *
 * @param count at least {@link MIN_NODES}
 */
export function buildFleet(seed: number, count: number): DemoNode[] {
  const sizes = poolSizes(count);
  const nodes: DemoNode[] = [];
  for (const pool of POOLS) {
    for (let position = 0; position < sizes[pool]; position += 1) {
      nodes.push(buildNode(seed, pool, position, sizes[pool], nodes.length));
    }
  }
  return nodes;
}

/** The node at a position of a pool. The stories only use positions that the smallest fleet has. */
export function nodeAt(fleet: readonly DemoNode[], pool: Pool, position: number): DemoNode {
  const node = fleet.find((candidate) => candidate.pool === pool && candidate.position === position);
  if (!node) throw new RangeError(`no ${pool} node at position ${position}`);
  return node;
}

function poolSizes(count: number): Record<Pool, number> {
  const size = (pool: Exclude<Pool, "worker">) => Math.max(LEAST[pool], Math.round(count * SHARES[pool]));
  const sizes = {
    "control-plane": size("control-plane"),
    gpu: size("gpu"),
    edge: size("edge"),
    confidential: size("confidential"),
  };
  const others = Object.values(sizes).reduce((sum, n) => sum + n, 0);
  return { ...sizes, worker: count - others };
}

function buildNode(seed: number, pool: Pool, position: number, poolSize: number, index: number): DemoNode {
  const name = HOSTILE[pool]?.[position] ?? plainName(pool, position);
  const variants = FIRMWARE[pool];
  const firmware = variants[Math.floor(position / RACK_SIZE) % variants.length] ?? {
    vendor: "?",
    version: "?",
  };
  const attestor = pool === "confidential" ? "azure_imds" : pool === "edge" ? "join_token" : "tpm_devid";
  const id = `${seed}/${index}`;
  return {
    index,
    position,
    name,
    pool,
    zone: zoneOf(pool, position),
    verifier: pool === "confidential" ? "cloud-verifier" : "lab-verifier",
    submods: pool !== "confidential" ? ["tpm"] : position % 3 === 2 ? ["cpu0", "gpu0"] : ["cpu0"],
    serial: hex("serial", id).slice(0, 10).toUpperCase(),
    systemUuid: uuid("system", id),
    ekSha256: hex("ek", id),
    spiffeId: `${TRUST_DOMAIN}/spire/agent/${attestor}/${agentPath(attestor, id)}`,
    attestor,
    address: `10.${10 + POOLS.indexOf(pool)}.${Math.floor(position / 200) % 256}.${(position % 200) + 10}`,
    firmware,
    arrival: arrivalOf(seed, pool, position, poolSize),
  };
}

function agentPath(attestor: DemoNode["attestor"], id: string): string {
  return attestor === "tpm_devid" ? hex("devid", id).slice(0, 40) : uuid(attestor, id);
}

function rackOf(position: number): number {
  return Math.floor(position / RACK_SIZE);
}

function zoneOf(pool: Pool, position: number): string {
  if (pool === "edge") return SITES[position % SITES.length] ?? "lis";
  return ZONES[rackOf(position) % ZONES.length] ?? "eu1";
}

function plainName(pool: Pool, position: number): string {
  const zone = zoneOf(pool, position);
  const pad = (n: number, width: number) => String(n).padStart(width, "0");
  const rack = pad(rackOf(position) + 1, 2);
  const slot = pad((position % RACK_SIZE) + 1, 2);
  switch (pool) {
    case "control-plane":
      return `ctl-${zone}-r${rack}-n${slot}`;
    case "worker":
      return `wrk-${zone}-r${rack}-n${slot}`;
    case "gpu":
      return `gpu-${zone}-r${rack}-n${slot}`;
    case "edge":
      return `edg-${zone}-s${pad(position + 1, 3)}`;
    case "confidential":
      return `cvm-${zone}-z${(rackOf(position) % 3) + 1}-n${pad(position + 1, 3)}`;
  }
}

/** The site is brought up rack by rack at the beginning; the newest racks join later. */
function arrivalOf(seed: number, pool: Pool, position: number, poolSize: number): number {
  const place = position / poolSize;
  const jitter = chance(seed, "arrival", pool, position) * 0.003;
  if (pool === "control-plane") return jitter;
  if (place >= 0.92 && position >= 2 * RACK_SIZE) return 0.4 + (place - 0.92) * 0.2 + jitter;
  return 0.004 + place * 0.035 + jitter;
}

/** Minutes from one step of provisioning to the next; two nodes of a kind never take equally long. */
export function stepMinutes(seed: number, node: DemoNode, step: string, low: number, high: number): number {
  return between(low * 60, high * 60, seed, "step", step, node.index) / 60;
}
