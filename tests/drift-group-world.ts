/** Findings of drift as the engine records them, for tests of what is made of them. */
import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { appUser, roleGrant } from "#db/schema/people";
import type { Role } from "#lib/domain/access";
import { groupDrift } from "#lib/jobs/group-drift";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { baselineAdder } from "./baseline-world.ts";
import { makeWorld, NOW } from "./world.ts";

export type FindingSpec = {
  nodeId: string;
  path?: string;
  actual?: string | null;
  class?: "authorised" | "benign" | "unexplained" | "malicious_like";
  from?: Date;
  to?: Date | null;
  exceptionId?: string | null;
  score?: number;
};

export type DriftWorld = Awaited<ReturnType<typeof makeDriftWorld>>;

/** A world with one published baseline, a clock that is moved by hand, and findings against the baseline. */
export async function makeDriftWorld(pool: Pool) {
  const base = await makeWorld(pool);
  Object.assign(base.db, { $client: pool });
  const { db, home, lab } = base;
  const baselineId = await baselineAdder(base)({
    name: "kernel",
    versions: [{ scope: ["kernel/"], entries: { "kernel/a": ["1"] } }],
    rollouts: [{ version: 1 }],
  });
  const clock = { now: NOW };

  /** A person with an account, who sees the clock of this world. */
  const person = async (role: Role, name: string = role): Promise<ServiceContext> => {
    const id = uuidv7(NOW);
    const email = `${name}-${id.slice(-6)}@example.test`;
    await db.insert(appUser).values({
      id,
      email,
      passwordHash: "none",
      mustChangePassword: false,
      failedSignIns: 0,
      createdAt: NOW,
    });
    await db.insert(roleGrant).values({ userId: id, trustDomainId: home, role, createdAt: NOW });
    const ctx = base.as(role);
    if (ctx.actor.kind !== "user") throw new Error("not a person");
    return { ...ctx, actor: { ...ctx.actor, id, email }, now: () => clock.now };
  };

  const addFinding = async (spec: FindingSpec): Promise<void> => {
    const { path = "kernel/a", actual = "2", from = clock.now, to = null, score = 30 } = spec;
    await pool.query(
      `INSERT INTO drift_finding (trust_domain_id, node_id, source_id, submod, fingerprint, valid_from,
         recorded_from, valid_to, baseline_id, baseline_version, path, kind, layer, expected, actual, class, rule, why,
         effect, score, exception_id)
       VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, 1, $9, 'changed', 'kernel', '{1}', $10, $11, 'test', 'because',
         'degrade', $12, $13)`,
      [
        home,
        spec.nodeId,
        lab,
        createHash("sha256").update(`${baselineId} ${path} changed ${actual}`).digest(),
        from,
        clock.now,
        to,
        baselineId,
        path,
        actual,
        spec.class ?? "unexplained",
        score,
        spec.exceptionId ?? null,
      ],
    );
  };

  /** What was believed of a node's findings is not believed any more. */
  const supersede = (nodeId: string) =>
    pool.query("UPDATE drift_finding SET recorded_to = $2 WHERE node_id = $1 AND recorded_to IS NULL", [
      nodeId,
      clock.now,
    ]);

  /** The findings of a node end now, because the evidence does not show them any more. */
  const endFindings = async (nodeId: string): Promise<void> => {
    const { rows } = await pool.query<{ path: string; actual: string; valid_from: Date }>(
      "SELECT path, actual, valid_from FROM drift_finding WHERE node_id = $1 AND recorded_to IS NULL AND valid_to IS NULL",
      [nodeId],
    );
    await supersede(nodeId);
    for (const { path, actual, valid_from } of rows) {
      await addFinding({ nodeId, path, actual, from: valid_from, to: clock.now });
    }
  };

  const group = () => groupDrift.run({ db, now: () => clock.now }, new AbortController().signal);
  const groups = async () =>
    (
      await pool.query(
        `SELECT id, path, actual, occurrence, previous_id AS "previousId", link, state, nodes,
           ended_at IS NOT NULL AS over FROM drift_group ORDER BY path, actual, occurrence`,
      )
    ).rows;

  return { ...base, baselineId, clock, person, addFinding, supersede, endFindings, group, groups };
}
