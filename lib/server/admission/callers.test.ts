import { describe, expect, it } from "vitest";
import type { Actor } from "#lib/domain/access";
import { rememberCallers } from "./callers.ts";

const actor = (id: string): Actor => ({ kind: "system", id, trustDomainIds: [] });

function lab() {
  const clock = { now: 0 };
  const world: { answer: () => Promise<Actor | null>; asked: number } = {
    answer: async () => actor("one"),
    asked: 0,
  };
  const callerOf = rememberCallers(
    () => {
      world.asked += 1;
      return world.answer();
    },
    () => clock.now,
  );
  const idOf = async (header = "Bearer x") => (await callerOf(header))?.id ?? null;
  return { clock, world, idOf };
}

describe("a caller", () => {
  it("is looked up once in five seconds, however often it asks", async () => {
    const { clock, world, idOf } = lab();
    expect(await idOf()).toBe("one");
    clock.now = 4_999;
    expect(await idOf()).toBe("one");
    expect(world.asked).toBe(1);
    clock.now = 5_000;
    await Promise.all([idOf(), idOf(), idOf()]);
    expect(world.asked).toBe(2);
  });

  it("is nobody ten seconds after it was taken away at the latest", async () => {
    const { clock, world, idOf } = lab();
    await idOf();
    world.answer = async () => null;
    clock.now = 10_000;
    expect(await idOf()).toBeNull();
    expect(await idOf()).toBeNull();
  });

  it("is believed for an hour while it cannot be looked up, and not longer", async () => {
    const { clock, world, idOf } = lab();
    await idOf();
    world.answer = () => Promise.reject(new Error("away"));
    clock.now = 3_599_999;
    expect(await idOf()).toBe("one");
    clock.now = 3_600_000;
    await expect(idOf()).rejects.toThrow("away");
  });

  it("is not remembered when nobody was found, and is no other one than its header says", async () => {
    const { world, idOf } = lab();
    world.answer = async () => null;
    expect(await idOf()).toBeNull();
    world.answer = async () => actor("two");
    expect(await idOf()).toBe("two");
    world.answer = async () => actor("three");
    expect(await idOf("Bearer y")).toBe("three");
    expect(await idOf()).toBe("two");
  });
});
