import { beforeAll, expect, it } from "vitest";
import { AS_IF_NOTHING_HAD_HAPPENED, dieAt } from "#tests/execution-deaths";
import { fakeSystem, useSystem } from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";

const STRIDE = 4;
const { pool } = useDatabase();
let world: World;

beforeAll(async () => {
  world = await makeWorld(pool);
  await useSystem(world, fakeSystem());
});

it("does everything once, and comes to its end, at whichever point a worker dies", {
  timeout: 240_000,
}, async () => {
  const { points, ...whole } = await dieAt(world, null, "survivor");
  expect(whole).toEqual({ ...AS_IF_NOTHING_HAD_HAPPENED, died: false });
  expect(points).toBeGreaterThan(40);
  // Every fourth point keeps it short; with a stride of 1 it takes all of them.
  for (let diesAt = 1; diesAt < points; diesAt += STRIDE) {
    const { points: reached, ...outcome } = await dieAt(world, diesAt, `victim-${diesAt}`);
    expect({ diesAt, ...outcome }).toEqual({ diesAt, ...AS_IF_NOTHING_HAD_HAPPENED, died: true });
    expect(reached).toBe(diesAt + 1);
  }
});
