/** A database handle of a process that can be killed between any two of its statements. */
import type { Db } from "#db/client";

export class Killed extends Error {
  override readonly name = "Killed";
}

export type Life = {
  /** Statements and transactions so far, each counted when it is asked for and when it was answered. */
  points: number;
  /** Dies at this point; `null` = lives on. */
  diesAt: number | null;
  dead: boolean;
};

/** A point at which the process may die: nothing that comes after it happens. */
export function point(life: Life): void {
  if (life.dead) throw new Killed();
  if (life.points === life.diesAt) life.dead = true;
  life.points += 1;
  if (life.dead) throw new Killed();
}

const COUNTED: ReadonlySet<PropertyKey> = new Set(["transaction", "execute", "connect"]);

/** What is asked for through it counts; a transaction counts as one. */
export function mortalDb(db: Db, life: Life): Db {
  return mortal(db, life);
}

function mortal<T extends object>(target: T, life: Life): T {
  return new Proxy(target, {
    get(of, name) {
      const value = Reflect.get(of, name) as unknown;
      if (name === "$client" && value !== null && typeof value === "object") return mortal(value, life);
      if (typeof value !== "function") return value;
      if (!COUNTED.has(name)) return value.bind(of) as unknown;
      return async (...args: unknown[]) => {
        point(life);
        const result: unknown = await (value as (...all: unknown[]) => unknown).apply(of, args);
        // Its connection dies with a process; here nobody but us gives it back.
        if (name !== "connect") point(life);
        return result;
      };
    },
  });
}
