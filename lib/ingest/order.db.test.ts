import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  verdictDocument as verdict,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { stateDigest } from "#tests/state-digest";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };

let world: World;
let generic: { id: string; bearer: string };

async function begin(): Promise<void> {
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  generic = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
}
beforeEach(begin);

const send = (events: unknown[], bearer = generic.bearer) =>
  world.send({ bearer, headers: BATCH, body: JSON.stringify(events) });

describe("order of arrival", () => {
  const tiers = ["affirming", "warning", "contraindicated"] as const;
  const history = fc.array(
    fc.record({
      node: fc.constantFrom("a", "b", "c"),
      // Coarse steps, so that equal instants, repeats and silences all happen.
      at: fc.integer({ min: 1, max: 60 }).map((step) => NOW - step * 7 * MINUTE),
      tier: fc.constantFrom(...tiers),
      submod: fc.constantFrom("", "gpu0"),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it("leaves one state for any split, order and duplication of the same events", {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.integer({ min: 0, max: 1000 })), async (list, salt) => {
        const events = list.map(({ node, at, tier, submod }) =>
          cloudEvent("verdict", verdict(node, at, tier, { submod })),
        );
        const digests = new Set<string>();
        for (const variant of ["whole", "shuffled"] as const) {
          await begin();
          if (variant === "whole") await send(events);
          else {
            const twice = [...events, ...events.slice(0, 5)].map((event) => ({
              event,
              key: salt.next().value ?? 0,
            }));
            const shuffled = twice.sort((a, b) => a.key - b.key).map(({ event }) => event);
            for (let start = 0; start < shuffled.length; ) {
              const size = 1 + ((salt.next().value ?? 0) % 12);
              await send(shuffled.slice(start, start + size));
              start += size;
            }
          }
          digests.add(await stateDigest(pool));
        }
        expect(digests.size).toBe(1);
      }),
      { numRuns: 25 },
    );
  });

  it("leaves one state when a batch of 1,000 events is posted five times in other splits and orders", async () => {
    const events = Array.from({ length: 1_000 }, (_, index) => {
      const tier = tiers[index % 7 === 0 ? index % 3 : 0];
      return cloudEvent(
        "verdict",
        verdict(`n${index % 60}`, NOW - (1 + (index % 97)) * MINUTE, tier, { submod: `${index}`.at(-1) }),
      );
    });
    const splits: ((list: typeof events) => (typeof events)[])[] = [
      (list) => [list],
      (list) => [list.toReversed()],
      (list) => [list.slice(700), list.slice(0, 700)],
      (list) => Array.from({ length: 10 }, (_, part) => list.filter((_, index) => index % 10 === part)),
      (list) => [list.slice(0, 1), list.slice(0, 999), list],
    ];
    const digests = new Set<string>();
    for (const split of splits) {
      await begin();
      for (const part of split(events)) expect((await send(part)).status).toBe(202);
      digests.add(await stateDigest(pool));
    }
    expect(digests.size).toBe(1);
  });

  it("leaves one state when batches about the same new nodes race", async () => {
    const events = Array.from({ length: 40 }, (_, index) =>
      cloudEvent("verdict", verdict(`n${index % 8}`, NOW - index * MINUTE)),
    );
    await send(events);
    const alone = await stateDigest(pool);
    await begin();
    const parts = [0, 1, 2, 3].map((part) => events.filter((_, index) => index % 4 === part));
    const answers = await Promise.all([...parts, ...parts].map((part) => send(part)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect(await stateDigest(pool)).toBe(alone);
  });
});
