import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { retention } from "#db/schema/retention";
import { useDatabase } from "#tests/pg";
import { makeWorld, refusalOf, type World } from "#tests/world";
import { setRetention } from "./set.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});
const setting = async () => (await world.db.select().from(retention))[0];

describe("setting the retention", () => {
  it("changes what is given, leaves the rest, and is on the record", async () => {
    expect(await setRetention(world.as("admin"), { verdictDays: 30 })).toEqual({
      verdictDays: 30,
      rawDays: 90,
    });
    expect(await setting()).toMatchObject({ verdictDays: 30, rawDays: 90 });
    const entries = await world.db.select().from(auditEntry).where(eq(auditEntry.action, "retention.set"));
    expect(entries).toMatchObject([
      { outcome: "done", before: { verdictDays: 400 }, after: { verdictDays: 30 } },
    ]);
  });

  it("refuses what would drop the evidence of this week, and whoever is no admin", async () => {
    const before = await setting();
    expect(await refusalOf(setRetention(world.as("admin"), { verdictDays: 6 }))).toBe("request/invalid");
    expect(await refusalOf(setRetention(world.as("approver"), { verdictDays: 60 }))).toBe("auth/forbidden");
    expect(await setting()).toEqual(before);
  });
});
