/** Counting what is passed over, so that it can be named. Pure. */
import type { NotRead } from "./catalogue.ts";
import { namesOf, type Place } from "./place.ts";

/** Kinds that are named; others are counted as one. */
const KINDS = 100;
const KIND_CHARS = 120;
const OTHERS = "others";

export type Tally = {
  /** Counts the members of an object that nobody reads. */
  others: (at: Place, read: readonly string[]) => void;
  /** Counts one thing that is passed over. @param more says which of its kind, in a word */
  passOver: (path: string, more?: string) => void;
  all: () => NotRead[];
};

export function makeTally(): Tally {
  const counts = new Map<string, number>();
  const passOver = (path: string, more?: string) => {
    const kind = path.replaceAll(/\/\d+(?=\/|$)/g, "") + (more === undefined ? "" : ` (${more})`);
    const short = kind.length > KIND_CHARS ? `${kind.slice(0, KIND_CHARS - 1)}…` : kind;
    const name = counts.has(short) || counts.size < KINDS ? short : OTHERS;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  return {
    others(at, read) {
      for (const name of namesOf(at)) if (!read.includes(name)) passOver(`${at.path}/${name}`);
    },
    passOver,
    all: () => [...counts].map(([what, count]) => ({ what, count })),
  };
}
