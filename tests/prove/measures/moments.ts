/** Things that happen in a random history, each at an instant of its own: written to the database and remembered. */
import { createHash, randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { intBetween, type Random } from "../random.ts";
import type { Recorded, Stretch } from "./recorded.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Where things happen. `nodes` and `sources` by name; a node that was never heard of is not there. */
export type Place = {
  pool: Pool;
  trustDomainId: string;
  /** People. */
  userIds: readonly [string, string];
  baselineId: string;
  sources: ReadonlyMap<string, string>;
  nodes: ReadonlyMap<string, string>;
  recorded: Recorded;
};

export type Moment = { atMs: number; happen: (place: Place) => Promise<void> };

/** Makes the moments of one subject, of which the first lies at an instant. */
export type Story = (random: Random, atMs: number) => Moment[];

export const at = (ms: number): Date => new Date(ms);
/** An instant within a span after another one, and never the same. */
export const later = (random: Random, ms: number, spanMs: number): number =>
  ms + intBetween(random, 1, spanMs);
/** Some are dated back by up to five hours. */
export const dated = (random: Random, ms: number): number =>
  random() < 0.3 ? ms - intBetween(random, 1, 5 * HOUR) : ms;
export const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
export const newId = (): string => randomUUID();

type Values = Readonly<Record<string, unknown>>;

/** Write a row of the domain. */
export async function put({ pool, trustDomainId }: Place, table: string, values: Values): Promise<void> {
  const row: Values = { trust_domain_id: trustDomainId, ...values };
  const names = Object.keys(row);
  await pool.query(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map((_, index) => `$${index + 1}`).join(", ")})`,
    Object.values(row),
  );
}

/** Change the rows of the domain that have some values. */
export async function change(
  { pool, trustDomainId }: Place,
  table: string,
  where: Values,
  set: Values,
): Promise<void> {
  const [keys, names] = [Object.keys(where), Object.keys(set)];
  const sets = names.map((name, index) => `${name} = $${index + 2}`);
  const conditions = keys.map((name, index) => `${name} = $${names.length + index + 2}`);
  const { rowCount } = await pool.query(
    `UPDATE ${table} SET ${sets.join(", ")} WHERE trust_domain_id = $1 AND ${conditions.join(" AND ")}`,
    [trustDomainId, ...Object.values(set), ...Object.values(where)],
  );
  if (rowCount === 0) throw new Error(`nothing to change in ${table}`);
}

/** What is set later, in a row and in what is remembered of it. */
export function altered(
  atMs: number,
  [table, where, set]: readonly [string, Values, Values],
  note: (place: Place) => void,
): Moment {
  return {
    atMs,
    async happen(place) {
      await change(place, table, where, set);
      note(place);
    },
  };
}

/** A row that is kept in two times. */
export type Bitemporal = {
  table: string;
  /** Finds it again. */
  key: Values;
  /** What else it says; `null` = it cannot be written there. */
  row: (place: Place) => Values | null;
  /** How the stretch of valid time is called. */
  stretch?: readonly [from: string, to: string];
  /** Keeps the stretch. @returns forgets it */
  remember: (recorded: Recorded, stretch: Stretch) => () => void;
};

/** A stretch that is kept in two times: it begins, and later may turn out to have ended or never to have been. */
export function bitemporal(random: Random, atMs: number, subject: Bitemporal): Moment[] {
  const { table, key, row, stretch: [from, to] = ["valid_from", "valid_to"], remember: keep } = subject;
  const fromMs = dated(random, atMs);
  let forget: (() => void) | null = null;
  const write = async (place: Place, toMs: number | null, recordedMs: number) => {
    const values = row(place);
    if (!values) return;
    const end = toMs === null ? null : at(toMs);
    await put(place, table, {
      ...key,
      ...values,
      [from]: at(fromMs),
      [to]: end,
      recorded_from: at(recordedMs),
    });
    forget = keep(place.recorded, { fromMs, toMs });
  };
  const moments: Moment[] = [{ atMs, happen: (place) => write(place, null, atMs) }];
  if (random() < 0.3) return moments;
  const endMs = later(random, atMs, 2 * DAY);
  const toMs = Math.max(fromMs + 1, dated(random, endMs));
  const never = random() < 0.2;
  moments.push({
    atMs: endMs,
    async happen(place) {
      if (!forget) return;
      await change(place, table, key, { recorded_to: at(endMs) });
      forget();
      if (!never) await write(place, toMs, endMs);
    },
  });
  return moments;
}

/** Add to a list. @returns takes it out again */
export function remember<T>(list: T[], item: T): () => void {
  list.push(item);
  return () => {
    list.splice(list.indexOf(item), 1);
  };
}
