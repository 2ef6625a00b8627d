/**
 * One instance per process.
 *
 * `server.ts` and the pages' bundle each load their own copy of a module, so a variable of a module
 * exists twice; what hangs on `globalThis` exists once.
 */
import "server-only";

type Holder = { [key: symbol]: unknown };

/** The process's instance under this name; made on first use. */
export function shared<T>(name: string, make: () => T): T {
  const holder = globalThis as unknown as Holder;
  const key = Symbol.for(`touchstone.${name}`);
  holder[key] ??= make();
  return holder[key] as T;
}
