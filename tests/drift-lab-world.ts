/** Nodes that are really compared with a baseline, and people who plan and tune: for tests of what moves drift. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { appUser } from "#db/schema/people";
import { scopedDb } from "#db/scoped";
import type { Role } from "#lib/domain/access";
import type { BaselineContent } from "#lib/domain/baseline";
import { assessDrift } from "#lib/jobs/assess-drift";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { baselineAdder } from "./baseline-world.ts";
import { type Clock, makeWorld } from "./ingest-world.ts";
import { say } from "./watch-world.ts";

const MINUTE = 60_000;

export type DriftLab = Awaited<ReturnType<typeof makeDriftLab>>;

/** @param expected what the only baseline expects of every node, by path */
export async function makeDriftLab(
  pool: Pool,
  startMs: number,
  expected: Readonly<Record<string, string>>,
  tolerances: BaselineContent["tolerances"] = {},
) {
  const clock: Clock = { now: new Date(startMs) };
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const world = await makeWorld(pool, clock);
  const { trustDomainId } = world;
  const lab = await world.addSource({ kind: "generic", staleAfterMs: null });
  const entries = Object.fromEntries(Object.entries(expected).map(([path, value]) => [path, [value]]));
  const baselineId = await baselineAdder({ db, home: trustDomainId } as Parameters<typeof baselineAdder>[0])({
    name: "workers",
    versions: [{ scope: [""], entries, tolerances }],
    rollouts: [{ version: 1 }],
  });

  /** A person with an account, behind both walls. */
  const person = async (
    role: Role,
    domains: readonly string[] = [trustDomainId],
  ): Promise<ServiceContext> => {
    const id = uuidv7(clock.now);
    const email = `${role}-${id.slice(-6)}@example.test`;
    const account = { passwordHash: "none", mustChangePassword: false, failedSignIns: 0 };
    await db.insert(appUser).values({ id, email, ...account, createdAt: clock.now });
    return {
      db: scopedDb(pool, domains),
      actor: {
        kind: "user",
        ...{ id, email, role },
        sessionId: "00",
        trustDomainIds: domains,
        mustChangePassword: false,
      },
      requestId: randomUUID(),
      address: null,
      now: () => clock.now,
    };
  };

  const at = (minute: number) => new Date(startMs + minute * MINUTE);
  const isoAt = (minute: number) => at(minute).toISOString();

  /** Set the clock, and let the worker assess what is due. */
  async function run(minute: number): Promise<void> {
    clock.now = at(minute);
    const { signal } = new AbortController();
    while ((await assessDrift.run({ db, now: () => clock.now }, signal)) === "more");
  }

  /** A node says what it measures, and is assessed. */
  async function report(minute: number, node: string, measurements: Record<string, string>): Promise<void> {
    clock.now = at(minute);
    await say(world, lab.bearer, [{ node, atMs: clock.now.getTime(), measurements }]);
    await run(minute);
  }

  const nodeId = async (name: string): Promise<string> => {
    const { rows } = await pool.query<{ id: string }>(
      "SELECT id FROM node WHERE trust_domain_id = $1 AND display_name = $2",
      [trustDomainId, name],
    );
    return rows[0]?.id ?? "";
  };

  /** Since when each node differs as it does now, by name: minute and worst class. */
  async function worst(): Promise<Record<string, [minute: number, worst: string | null]>> {
    const { rows } = await pool.query<{ name: string; from: Date; worst: string | null }>(
      `SELECT n.display_name AS name, d.valid_from AS from, d.worst FROM drift_interval d
       JOIN node n ON n.trust_domain_id = d.trust_domain_id AND n.id = d.node_id
       WHERE d.trust_domain_id = $1 AND d.recorded_to IS NULL AND d.valid_to IS NULL ORDER BY 1`,
      [trustDomainId],
    );
    return Object.fromEntries(
      rows.map((row) => [row.name, [(row.from.getTime() - startMs) / MINUTE, row.worst]]),
    );
  }

  /** Nodes that wait to be compared again, and the minute. */
  async function due(): Promise<[node: string, minute: number][]> {
    const { rows } = await pool.query<{ name: string; due_at: Date }>(
      `SELECT n.display_name AS name, d.due_at FROM drift_dirty d
       JOIN node n ON n.trust_domain_id = d.trust_domain_id AND n.id = d.node_id
       WHERE d.trust_domain_id = $1 ORDER BY 1`,
      [trustDomainId],
    );
    return rows.map(({ name, due_at }) => [name, (due_at.getTime() - startMs) / MINUTE]);
  }

  return { ...world, db, clock, baselineId, person, at, isoAt, run, report, nodeId, worst, due };
}
