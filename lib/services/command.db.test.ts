import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sourceInsert, sourceLock } from "#db/queries/source";
import { auditEntry } from "#db/schema/people";
import { source } from "#db/schema/source";
import { ProblemError } from "#lib/domain/problems";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { command } from "./command.ts";
import type { ServiceContext } from "./context.ts";
import { uuidv7 } from "./uuidv7.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});

const entries = (action: string) => world.db.select().from(auditEntry).where(eq(auditEntry.action, action));

/** Adds a source, then does what the test wants. */
const adding = (name: string, then: () => void, audit: Partial<{ trustDomainId: string }> = {}) =>
  command({
    name,
    permission: "source:manage",
    input: z.strictObject({ name: z.string() }),
    target: (input) => input.name,
    async run(tx, _ctx, input) {
      const id = uuidv7(NOW);
      const window = { acceptPastMs: 1, acceptFutureMs: 1 };
      await sourceInsert(tx, {
        trustDomainId: world.home,
        id,
        kind: "k",
        name: input.name,
        ...window,
        createdAt: NOW,
      });
      then();
      return {
        result: id,
        audit: {
          trustDomainId: world.home,
          entity: "source",
          entityId: id,
          before: null,
          after: input,
          ...audit,
        },
      };
    },
  });
const stored = (name: string) => world.db.$count(source, eq(source.name, name));

describe("command", () => {
  it("writes the change and its audit entry together", async () => {
    const id = await adding("test.done", () => {})(world.as("admin"), { name: "done" });
    expect(await stored("done")).toBe(1);
    expect(await entries("test.done")).toMatchObject([
      { outcome: "done", entityId: id, problemCode: null, after: { name: "done" }, requestId: "request-1" },
    ]);
  });

  it("commits both in one transaction", async () => {
    const id = await adding("test.together", () => {})(world.as("admin"), { name: "together" });
    const { rows } = await pool.query(
      "SELECT s.xmin = a.xmin AS together FROM source s JOIN audit_entry a ON a.entity_id = s.id::text WHERE s.id = $1",
      [id],
    );
    expect(rows).toEqual([{ together: true }]);
  });

  it("changes nothing when its audit entry cannot be written", async () => {
    const unwritable = adding("test.unaudited", () => {}, { trustDomainId: uuidv7(NOW) });
    await expect(unwritable(world.as("admin"), { name: "unaudited" })).rejects.toThrow();
    expect(await stored("unaudited")).toBe(0);
  });

  it("rolls a refused change back and records the attempt", async () => {
    const refusing = adding("test.refused", () => {
      throw new ProblemError("source/name-taken", "taken");
    });
    expect(await refusalOf(refusing(world.as("admin"), { name: "refused" }))).toBe("source/name-taken");
    expect(await stored("refused")).toBe(0);
    expect(await entries("test.refused")).toMatchObject([
      { outcome: "refused", problemCode: "source/name-taken", entityId: "refused", after: null },
    ]);
  });

  it.each(["viewer", "auditor", "analyst", "approver"] as const)(
    "refuses the role %s and records it",
    async (role) => {
      const name = `by-${role}`;
      const run = adding(`test.${role}`, () => {});
      expect(await refusalOf(run(world.as(role), { name }))).toBe("auth/forbidden");
      expect(await stored(name)).toBe(0);
      expect(await entries(`test.${role}`)).toMatchObject([
        { outcome: "refused", problemCode: "auth/forbidden" },
      ]);
    },
  );

  it("refuses input that does not match, with a pointer", async () => {
    const run = adding("test.invalid", () => {})(world.as("admin"), { name: 1 } as never);
    await expect(run).rejects.toMatchObject({ code: "request/invalid", pointers: [{ pointer: "#/name" }] });
  });
});

/** Renames a source that it finds in the caller's domains. */
const renaming = command({
  name: "test.rename",
  permission: "source:manage",
  input: z.strictObject({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, { actor }, { sourceId }) {
    const found = await sourceLock(tx, actor.trustDomainIds, sourceId);
    if (!found) throw new ProblemError("source/not-found", "No such source.");
    await tx
      .update(source)
      .set({ name: `renamed ${sourceId}` })
      .where(eq(source.id, sourceId));
    const { trustDomainId } = found;
    const audit = { trustDomainId, entity: "source", entityId: sourceId, before: null, after: null };
    return { result: undefined, audit };
  },
});

describe("a command of someone with several grants", () => {
  /** Admin of `away` and viewer of `home`. */
  const mixed = (): ServiceContext => {
    const base = world.as("admin", [world.home, world.away]);
    if (base.actor.kind !== "user") throw new Error("not a person");
    const grants = [
      { role: "admin", trustDomainIds: [world.away] },
      { role: "viewer", trustDomainIds: [world.home] },
    ] as const;
    return { ...base, actor: { ...base.actor, grants } };
  };

  it("works where the role was granted", async () => {
    const sourceId = await world.addSource("granted", { domain: world.away });
    expect(await refusalOf(renaming(mixed(), { sourceId }))).toBe("not refused");
  });

  it("is forbidden where the thing is only seen, changes nothing and is on the record", async () => {
    const sourceId = await world.addSource("seen");
    expect(await refusalOf(renaming(mixed(), { sourceId }))).toBe("auth/forbidden");
    expect(await stored("seen")).toBe(1);
    const refused = (await entries("test.rename")).filter(({ outcome }) => outcome === "refused");
    expect(refused).toMatchObject([{ problemCode: "auth/forbidden", entityId: sourceId }]);
  });

  it("finds nothing where nothing is seen, as if it did not exist", async () => {
    const sourceId = await world.addSource("hidden");
    const blind = world.as("admin", [world.away]);
    expect(await refusalOf(renaming(blind, { sourceId }))).toBe("source/not-found");
    expect(await refusalOf(renaming(mixed(), { sourceId: uuidv7(NOW) }))).toBe("source/not-found");
  });
});
