import { beforeEach, describe, expect, it } from "vitest";
import {
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  STRUCTURED,
  verdictDocument,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { readState, stateDigest } from "#tests/state-digest";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const clock: Clock = { now: new Date(NOW) };
const EVENTS = 60;

let world: World;
let bearer: string;
beforeEach(async () => {
  await resetWorld(pool);
  world = await makeWorld(pool, clock);
  ({ bearer } = await world.addSource({ kind: "generic", name: "lab" }));
});

const documents = Array.from({ length: EVENTS }, (_, index) =>
  verdictDocument(`n${index % 7}`, NOW - 600_000 + index * 1_000, index % 5 === 0 ? "warning" : "affirming"),
);
const post = (data: unknown) =>
  world.send({ bearer, headers: STRUCTURED, body: JSON.stringify(cloudEvent("verdict", data)) });
const transactions = async () =>
  Number((await pool.query("SELECT count(DISTINCT xmin::text) AS n FROM verdict")).rows[0].n);

describe("single events that arrive together", () => {
  it("share transactions and are each answered, as if they had come one by one", async () => {
    const answers = await Promise.all(documents.map(post));
    for (const { status, json } of answers) {
      expect(status).toBe(202);
      expect(json).toEqual({ accepted: 1, duplicate: 0, rejected: [] });
    }
    expect(await transactions()).toBeLessThan(EVENTS / 2);
    const together = await stateDigest(pool);

    await resetWorld(pool);
    world = await makeWorld(pool, clock);
    ({ bearer } = await world.addSource({ kind: "generic", name: "lab" }));
    for (const document of documents) await post(document);
    expect(await transactions()).toBe(EVENTS);
    expect(await stateDigest(pool)).toBe(together);
  });

  it("count as accepted once, and as known for everybody else who sends the same", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(documents[1])));
    expect(answers.filter(({ json }) => json.accepted === 1)).toHaveLength(1);
    expect(answers.filter(({ json }) => json.duplicate === 1)).toHaveLength(11);
  });

  it("are not harmed by one that is refused", async () => {
    const misspelt = { ...verdictDocument("bad", NOW), statos: "affirming" };
    const answers = await Promise.all([...documents.slice(0, 20), misspelt].map(post));
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(202), 422]);
    expect(answers.at(-1)?.json.code).toBe("event/invalid");
    expect((await pool.query("SELECT code, n::int FROM rejected_event")).rows).toEqual([
      { code: "event/invalid", n: 1 },
    ]);
  });

  it("are not harmed by one that the database cannot store", async () => {
    await pool.query("ALTER TABLE verdict ADD CONSTRAINT planted CHECK (submod <> 'broken') NOT VALID");
    try {
      const broken = verdictDocument("n1", NOW, "affirming", { submod: "broken" });
      const results = await Promise.allSettled([...documents.slice(0, 20), broken].map(post));
      const stored = results.filter(({ status }) => status === "fulfilled");
      expect(stored).toHaveLength(20);
      expect((await readState(pool)).verdicts).toHaveLength(20);
    } finally {
      await pool.query("ALTER TABLE verdict DROP CONSTRAINT planted");
    }
  });
});
