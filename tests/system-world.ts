/** An empty trust domain before each test, and the product itself asking about it. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { beforeEach } from "vitest";
import type { Db } from "#db/client";
import type { ServiceContext } from "#lib/services/context";
import { resetWorld } from "./ingest-world.ts";

/** @param tell is told of the domain before each test */
export function useSystem(pool: Pool, now: Date, tell: (domain: string, ctx: ServiceContext) => void): void {
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  beforeEach(async () => {
    await resetWorld(pool);
    const domain = randomUUID();
    await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'd', $2)", [domain, now]);
    const actor = { kind: "system", id: "test", trustDomainIds: [domain] } as const;
    tell(domain, { db, actor, requestId: "r", address: null, now: () => now });
  });
}
