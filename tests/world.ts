/** A small world for tests of use cases: domains, people, a source, and nodes with a history. */
import { createHash } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { trustInterval, verdict } from "#db/schema/evidence";
import { lane, node, nodeIdentity, nodeState, trustDomain } from "#db/schema/fleet";
import { source } from "#db/schema/source";
import { scopedDb } from "#db/scoped";
import type { Role } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";

export const NOW = new Date("2026-06-01T12:00:00.000Z");
export const MINUTE = 60_000;
/** An instant some minutes before {@link NOW}. */
export const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE);
const NIL = "00000000-0000-0000-0000-000000000000";
const digest = (text: string) => createHash("sha256").update(text).digest();

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** Two separate trust domains, `home` and `away`, each with a source that goes stale after ten minutes. */
export async function makeWorld(pool: Pool) {
  const db = drizzle(pool) as Db;
  const [home, away] = [uuidv7(NOW), uuidv7(NOW)];
  await db.insert(trustDomain).values([
    { id: home, parentId: null, name: "home", createdAt: ago(9_999) },
    { id: away, parentId: home, name: "away", createdAt: ago(9_998) },
  ]);
  const addSource = async (name: string, options: { domain?: string; staleAfterMs?: number | null } = {}) => {
    const id = uuidv7(NOW);
    const { domain = home, staleAfterMs = 10 * MINUTE } = options;
    const window = { acceptPastMs: 86_400_000, acceptFutureMs: 300_000 };
    await db.insert(source).values({
      trustDomainId: domain,
      id,
      kind: "generic",
      name,
      staleAfterMs,
      ...window,
      createdAt: ago(9_000),
    });
    return id;
  };
  const lab = await addSource("Lab");

  /** A context of a person with this role who sees the given domains, through the second wall too. */
  const as = (role: Role, domains: readonly string[] = [home]): ServiceContext => ({
    db: scopedDb(pool, domains),
    actor: {
      kind: "user",
      id: uuidv7(NOW),
      sessionId: "00",
      email: `${role}@example.org`,
      role,
      trustDomainIds: domains,
      mustChangePassword: false,
    },
    requestId: "request-1",
    address: null,
    now: () => NOW,
  });

  return { db, home, away, lab, addSource, as, addNode: nodeAdder(db, home, lab) };
}

export type NodeSpec = {
  name: string;
  status?: string;
  since?: Date;
  /** Newest evidence; `null` = never appraised. */
  lastAt?: Date | null;
  domain?: string;
  sourceId?: string;
  identity?: string;
  /** Statuses before the current one, oldest first, each with its beginning. */
  before?: { status: string; from: Date }[];
};

function nodeAdder(db: Db, home: string, lab: string) {
  return async (spec: NodeSpec): Promise<string> => {
    const { name, status = "trusted", since = ago(60), lastAt = ago(1) } = spec;
    const { domain: trustDomainId = home, sourceId = lab, before = [] } = spec;
    const id = uuidv7(NOW);
    const key = { trustDomainId, nodeId: id };
    await db
      .insert(node)
      .values({ trustDomainId, id, displayName: name, firstSeenAt: since, createdAt: since });
    await db.insert(nodeIdentity).values({
      ...key,
      kind: "serial",
      value: spec.identity ?? `serial-${name}-${lettersOf(id)}`,
      strong: true,
      validFrom: since,
    });
    await db.insert(nodeState).values({ ...key, status, since, reason: `is ${status}`, changedAt: since });
    const steps = [...before, { status, from: since }];
    const line = steps.map(({ status: state, from }, index) => ({
      ...key,
      submod: "",
      validFrom: from,
      validTo: steps[index + 1]?.from ?? null,
      recordedFrom: from,
      state,
      reason: `is ${state}`,
      evidenceKey: digest(state),
      n: 0,
      afterFailure: false,
    }));
    const lines = line.map((step) => ({ ...step, sourceId: NIL }));
    await db.insert(trustInterval).values(lines);
    if (lastAt === null) return id;
    const evidence = line.map((step) => ({
      ...step,
      sourceId,
      eventHash: digest(`${id}${step.state}`),
      n: 1,
    }));
    await db.insert(trustInterval).values(evidence);
    await db.insert(lane).values({
      ...key,
      sourceId,
      submod: "",
      state: status,
      evidenceKey: digest(status),
      since,
      firstAt: since,
      lastAt,
      openingHash: digest(`${id}${status}`),
      n: 7,
      roll: digest(id),
      afterFailure: false,
      statement: {
        outcome: "verified_good",
        tier: "affirming",
        vector: [],
        measurementDigest: null,
        kid: null,
      },
      reason: `is ${status}`,
    });
    return id;
  };
}

/** A text of its own for each id that a search for digits never finds. */
const lettersOf = (id: string) => id.replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));

/** Store one verdict of a node; `raw` decides its hash. */
export async function addVerdict(
  world: Pick<World, "db" | "home" | "lab">,
  spec: { nodeId: string; at: Date; raw: string; keepRaw?: boolean; mediaType?: string },
): Promise<string> {
  const raw = Buffer.from(spec.raw);
  const eventHash = digest(spec.raw);
  await world.db.execute(`SELECT ensure_verdict_partition('${spec.at.toISOString().slice(0, 10)}')`);
  await world.db.insert(verdict).values({
    trustDomainId: world.home,
    nodeId: spec.nodeId,
    observedAt: spec.at,
    eventHash,
    sourceId: world.lab,
    submod: "",
    receivedAt: spec.at,
    state: "trusted",
    evidenceKey: digest("trusted"),
    outcome: "verified_good",
    tier: "affirming",
    vector: [0, 0, 2, 0, 0, 0, 0, 0],
    vectorOrigin: "native",
    statusMismatch: false,
    coverage: ["measured_boot"],
    reasons: [],
    policyIds: [],
    freshness: "evidence",
    backfill: false,
    rawSha256: digest(spec.raw),
    rawMediaType: spec.mediaType ?? "application/json",
    raw: spec.keepRaw === false ? null : raw,
  });
  return eventHash.toString("hex");
}

/** The code that a promise is refused with; fails when it is not. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: string }).code ?? `not a problem: ${error}`;
  }
  return "not refused";
}
