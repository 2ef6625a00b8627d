/** Something of everything that a route can be about, in one trust domain. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { makeDriftWorld } from "../drift-group-world.ts";
import { callerIn, openSecondSession, PASSWORD } from "./callers.ts";

/** Stands in every name, so that nobody else may read it. */
export const MARK = "mark-of-home";

export type RouteWorld = Awaited<ReturnType<typeof makeRouteWorld>>;

export async function makeRouteWorld(pool: Pool) {
  const world = await makeDriftWorld(pool);
  const { db, home, away, lab } = world;
  const nodeId = await world.addNode({ name: `${MARK} node` });
  // Nothing was ever said about it, so that its line is easily brought up to date.
  const waiting = await world.addNode({ name: `${MARK} waiting node`, lastAt: null });
  const other = await world.addNode({ name: `${MARK} other node` });
  await world.addFinding({ nodeId });
  await world.addFinding({ nodeId: other, path: "kernel/b" });
  await world.group();
  const groups = (await world.groups()) as { id: string }[];
  const [groupId = "", secondGroupId = ""] = groups.map(({ id }) => id);
  const suspects = [
    await world.addNode({ name: `${MARK} suspect` }),
    await world.addNode({ name: `${MARK} second suspect` }),
  ];
  await pool.query("UPDATE node_state SET lifecycle_state = 'suspect' WHERE node_id = ANY($1)", [suspects]);
  await pool.query("UPDATE node_identity SET role = 'anchor' WHERE kind = 'serial'");
  const ids = { eventId: randomUUID(), incidentId: randomUUID(), alarmId: randomUUID() };
  await pool.query(
    `INSERT INTO bootstrap_event (trust_domain_id, source_id, external_id, id, type, phase, outcome, occurred_at,
       received_at, identities, actor, redactions, raw_sha256, raw_media_type)
     VALUES ($1, $2, 'e1', $3, 'enrollment.failed', 'enrollment', 'failure', now(), now(), '[]', '{}', '{}', '\\x00', 'x')`,
    [home, lab, ids.eventId],
  );
  await pool.query(
    `INSERT INTO incident (trust_domain_id, id, kind, subject, title, cause, state, breaker, opened_at, last_at, seen_at, nodes)
     VALUES ($1, $2, 'coordinated_change', 's', $3, 'a change', 'open', false, now(), now(), now(), 1)`,
    [home, ids.incidentId, `${MARK} incident`],
  );
  await pool.query(
    `INSERT INTO identity_alarm (trust_domain_id, fingerprint, id, kind, node_id, sentence, claimed, n, first_at, last_at)
     VALUES ($1, '\\x01', $2, 'clone', $3, $4, '[]', 1, now(), now())`,
    [home, ids.alarmId, nodeId, `${MARK} alarm`],
  );
  await pool.query(
    `INSERT INTO enrolment (trust_domain_id, node_id, source_id, state, requested_at)
       VALUES ($1, $2, $3, 'pending', now())`,
    [home, waiting, lab],
  );
  const admin = await callerIn(db, home, "admin");
  const second = await callerIn(db, home, "admin");
  const keeper = await callerIn(db, home, "viewer", PASSWORD);
  await openSecondSession(db, keeper.userId);
  return {
    ...world,
    keeper,
    pool,
    nodeId,
    suspects,
    notificationId: await openNotification(pool, home),
    waiting,
    groupId,
    secondGroupId,
    ...ids,
    admin,
    second,
    away,
  };
}

/** A notification that nobody has acknowledged. */
async function openNotification(
  pool: { query: (text: string, values: unknown[]) => Promise<{ rows: { id: string }[] }> },
  home: string,
) {
  const { rows } = await pool.query(
    `INSERT INTO notification (trust_domain_id, id, route, group_key, title, severity, link, state, events, threads,
       channel_ids, opened_at, last_at, escalation)
     VALUES ($1, gen_random_uuid(), '[]', gen_random_uuid()::text, 'something', 'info', '/', 'open', 1, '{}', '{}', now(), now(), '[]')
     RETURNING id`,
    [home],
  );
  return rows[0]?.id ?? "";
}

/** A public key as a source takes it. */
export function publicJwk(kid: string): Record<string, unknown> {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...publicKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" };
}
