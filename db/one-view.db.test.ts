import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { describe, expect, it } from "vitest";
import { useDatabase } from "#tests/pg";
import type { Db } from "./client.ts";
import { inOneView } from "./one-view.ts";
import { trustDomain } from "./schema/fleet.ts";

const { pool } = useDatabase();

describe("two transactions of one view", () => {
  it("see the same although something is written between their first questions", async () => {
    const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
    const [id, name] = [randomUUID(), randomUUID()];
    const seen = await inOneView(db, async (tx, beside) => {
      const before = await tx.$count(trustDomain);
      await db.insert(trustDomain).values({ id, name, createdAt: new Date("2026-01-01T00:00:00Z") });
      return [before, await tx.$count(trustDomain), await beside.$count(trustDomain)];
    });
    expect(new Set(seen).size).toBe(1);
    expect(await db.$count(trustDomain)).toBe((seen[0] ?? 0) + 1);
  });
});
