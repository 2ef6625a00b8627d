import { eq } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sourceInsert } from "#db/queries/source";
import { auditEntry } from "#db/schema/people";
import { idempotencyRecord } from "#db/schema/service-account";
import { source } from "#db/schema/source";
import { ProblemError } from "#lib/domain/problems";
import { purgeAnswers } from "#lib/jobs/purge-answers";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { ANSWER_KEPT_MS, type Answer, answerOnce } from "./answer-once.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});

/** Adds a source whose name may be there already, as often as it is carried out. */
const add = command({
  name: "test.add",
  permission: "source:manage",
  input: z.strictObject({ name: z.string(), refuse: z.boolean().default(false) }),
  target: ({ name }) => name,
  async run(tx, _ctx, { name, refuse }) {
    const id = uuidv7(new Date());
    const window = { acceptPastMs: 1, acceptFutureMs: 1 };
    const key = { trustDomainId: world.home, id };
    await sourceInsert(tx, { ...key, kind: "k", name: `${name} ${id}`, ...window, createdAt: NOW });
    if (refuse) throw new ProblemError("source/name-taken", "taken");
    const audit = { trustDomainId: world.home, entity: "source", entityId: name, before: null, after: null };
    return { result: { id }, audit };
  },
});

const adding =
  (name: string, refuse = false) =>
  async (ctx: ServiceContext): Promise<Answer> => ({ status: 201, body: await add(ctx, { name, refuse }) });
const stored = (name: string) =>
  pool.query("SELECT id FROM source WHERE starts_with(name, $1)", [`${name} `]);
const times = async (name: string) => (await stored(name)).rows.length;
const entries = (name: string) => world.db.$count(auditEntry, eq(auditEntry.entityId, name));
let count = 0;
const fresh = () => `${count++}-k`;

describe("a change under a key", () => {
  it("is done once, and answered with the same status and body again", async () => {
    const [ctx, key] = [world.as("admin"), fresh()];
    const first = await answerOnce(ctx, { key, request: { a: 1 } }, adding("once"));
    const again = await answerOnce({ ...ctx, requestId: "r2" }, { key, request: { a: 1 } }, adding("once"));
    expect(again).toEqual({ ...first, repeated: true });
    expect([first.status, first.repeated]).toEqual([201, false]);
    expect([await times("once"), await entries("once")]).toEqual([1, 1]);
  });

  it("keeps the change and its answer in one transaction", async () => {
    const key = fresh();
    await answerOnce(world.as("admin"), { key, request: 1 }, adding("together"));
    expect(await times("together")).toBe(1);
    const broken = async (ctx: ServiceContext) => {
      await adding("fault")(ctx);
      throw new Error("the power failed");
    };
    const failing = answerOnce(world.as("admin"), { key: fresh(), request: 1 }, broken);
    await expect(failing).rejects.toThrow("the power failed");
    expect(await times("fault")).toBe(0);
  });

  it("of twenty that arrive side by side is one change; the others get its answer or are told to wait", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid(), async (key) => {
        const [ctx, name] = [world.as("admin"), `race-${key}`];
        const answers = await Promise.allSettled(
          Array.from({ length: 20 }, () => answerOnce(ctx, { key, request: name }, adding(name))),
        );
        const told = answers.map((answer) =>
          answer.status === "fulfilled"
            ? JSON.stringify(answer.value.body)
            : (answer.reason as ProblemError).code,
        );
        const [{ id } = { id: "" }] = (await stored(name)).rows as { id: string }[];
        expect(await times(name)).toBe(1);
        expect([...new Set(told)].filter((text) => text !== "request/in-progress")).toEqual([
          JSON.stringify({ id }),
        ]);
      }),
      { numRuns: 5 },
    );
  });

  it("of another request is refused, whatever differs in it", async () => {
    const [ctx, key] = [world.as("admin"), fresh()];
    await answerOnce(ctx, { key, request: { a: { b: 1, c: [1, 2] } } }, adding("first"));
    const others = fc.jsonValue().filter((value) => JSON.stringify(value) !== '{"a":{"b":1,"c":[1,2]}}');
    await fc.assert(
      fc.asyncProperty(others, async (request) => {
        const refused = await refusalOf(answerOnce(ctx, { key, request }, adding("second")));
        expect(refused).toBe("request/key-reused");
      }),
      { numRuns: 20 },
    );
    expect(await times("second")).toBe(0);
    // The order of members is no difference.
    const same = await answerOnce(ctx, { key, request: { a: { c: [1, 2], b: 1 } } }, adding("second"));
    expect(same.repeated).toBe(true);
  });

  it("of somebody else is another key", async () => {
    const key = fresh();
    const [one, two] = [world.as("admin"), world.as("admin")];
    await answerOnce(one, { key, request: 1 }, adding("mine"));
    expect((await answerOnce(two, { key, request: 1 }, adding("mine"))).repeated).toBe(false);
    expect(await times("mine")).toBe(2);
  });

  it("is free again when the change was refused, whose attempt stays on record", async () => {
    const [ctx, key] = [world.as("admin"), fresh()];
    const refused = await refusalOf(answerOnce(ctx, { key, request: 1 }, adding("refused", true)));
    expect(refused).toBe("source/name-taken");
    expect([await times("refused"), await entries("refused")]).toEqual([0, 1]);
    expect((await answerOnce(ctx, { key, request: 1 }, adding("refused"))).repeated).toBe(false);
  });

  it("counts for 24 hours, and is removed by the worker then", async () => {
    const [ctx, key] = [world.as("admin"), fresh()];
    const at = (ms: number) => ({ ...ctx, now: () => new Date(NOW.getTime() + ms) });
    await answerOnce(at(0), { key, request: 1 }, adding("old"));
    expect((await answerOnce(at(ANSWER_KEPT_MS - 1), { key, request: 1 }, adding("old"))).repeated).toBe(
      true,
    );
    expect((await answerOnce(at(ANSWER_KEPT_MS), { key, request: 2 }, adding("old"))).repeated).toBe(false);
    const later = () => new Date(NOW.getTime() + 2 * ANSWER_KEPT_MS);
    const stay = fresh();
    await answerOnce({ ...ctx, now: later }, { key: stay, request: 1 }, adding("young"));
    await purgeAnswers.run({ db: world.db, now: later }, new AbortController().signal);
    expect(await world.db.$count(idempotencyRecord)).toBe(1);
    expect(await world.db.$count(source)).toBeGreaterThan(1);
  });

  it("is not found by who sees other trust domains only", async () => {
    const [ctx, key] = [world.as("admin", [world.home]), fresh()];
    await answerOnce(ctx, { key, request: 1 }, adding("walled"));
    const elsewhere = {
      ...world.as("admin", [world.away]),
      actor: { ...ctx.actor, trustDomainIds: [world.away] },
    };
    const visible = await elsewhere.db.select().from(idempotencyRecord);
    expect(visible).toEqual([]);
  });
});
