/** Helpers for tests of who a node is: events with identities, and people who decide. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { clientOf, type Db } from "#db/client";
import type { Role } from "#lib/domain/access";
import { reviseNode } from "#lib/ingest/revise-node";
import type { ServiceContext } from "#lib/services/context";
import type { NodeReviser } from "#lib/services/enrolment/decide";
import { BATCH, cloudEvent, verdictDocument, type World } from "./ingest-world.ts";

export type Id = { kind: string; value: string };
export const id = (kind: string, value: string): Id => ({ kind, value });

/** A verdict about the node that the identities name. */
export function verdictAbout(
  identities: readonly Id[],
  atMs: number,
  status: "affirming" | "contraindicated" = "affirming",
) {
  const [first, ...rest] = identities;
  return cloudEvent("verdict", {
    ...verdictDocument("", atMs, status),
    node: { id: first?.value, idType: first?.kind, displayName: first?.value, identities: rest },
  });
}

export function bootstrapAbout(identities: readonly Id[], atMs: number, more: Record<string, unknown> = {}) {
  return cloudEvent("bootstrap", {
    schema: "touchstone.bootstrap/1",
    type: "enrollment.requested",
    outcome: "success",
    occurredAt: new Date(atMs).toISOString(),
    identities,
    ...more,
  });
}

export const sendTo = (world: World, bearer: string, events: readonly unknown[]) =>
  world.send({ bearer, headers: BATCH, body: JSON.stringify(events) });

/** A person of a role with an account, so that two people can agree. */
export async function personIn(pool: Pool, world: World, role: Role): Promise<ServiceContext> {
  const userId = randomUUID();
  await pool.query(
    `INSERT INTO app_user (id, email, password_hash, must_change_password, created_at)
     VALUES ($1, $2, 'none', false, $3)`,
    [userId, `${userId}@example.test`, world.clock.now],
  );
  await pool.query(
    "INSERT INTO role_grant (user_id, trust_domain_id, role, created_at) VALUES ($1, $2, $3, $4)",
    [userId, world.trustDomainId, role, world.clock.now],
  );
  return {
    db: Object.assign(drizzle(pool), { $client: pool }) as Db,
    actor: {
      kind: "user",
      id: userId,
      sessionId: "00",
      email: `${userId}@example.test`,
      role,
      trustDomainIds: [world.trustDomainId],
      mustChangePassword: false,
    },
    requestId: "request-1",
    address: null,
    now: () => world.clock.now,
  };
}

export const revise: NodeReviser = (tx, node, now) => reviseNode(clientOf(tx), node, now);
