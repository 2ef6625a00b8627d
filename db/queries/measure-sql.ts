/**
 * Measures as relations.
 *
 * Every measure has one row per thing that counts, with the columns kind, key, node_id, name, verdict, weight, value,
 * at, detail. `key` names the thing that the kind is about; `weight` is what it adds to a share; `value` is a length in
 * milliseconds or NULL.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Labels } from "#lib/domain/node-labels";
import { believedTransition } from "./lifecycle.ts";
import { instant, ms, type Scope, uuids } from "./sql.ts";
import type { TimePoint } from "./time-sql.ts";

export type MeasureWindow = {
  /** Half-open, `[from, to)`; `to` is never after `now`. */
  from: Date;
  to: Date;
  /** `null` = now. Never before `to`. */
  knownAt: Date | null;
  now: Date;
  /** Which nodes count, by the labels that they have now: all of these; `null` = whatever the value. */
  labels: readonly { name: string; value: Labels[string] | null }[];
};

/** A piece of SQL about what some period and scope hold. */
export type Over = (scope: Scope, window: MeasureWindow) => SQL;

/** `WITH …`: common table expressions that several measures read, or one of several periods. */
export type Ground = {
  of: Over;
  /** It is the same for all periods that are asked about at once: it goes by the scope and by what is known alone. */
  common: boolean;
};

/**
 * What a measure is made of. Several measures that stand on one ground are answered by one statement, which computes the
 * ground once.
 */
export type Relation = {
  /** `null` = rows and basis need nothing in common with others. */
  ground: Ground | null;
  /** A `SELECT` of the rows. */
  rows: Over;
  /** A number: how much was looked at. `null` = as much as there are rows. */
  basis: Over | null;
};

/** A measure that has nothing in common with others. */
export const alone = (rows: Over): Relation => ({ ground: null, rows, basis: null });

/** Conditions on node columns: the node is one of those that count. */
export function counts({ labels }: Pick<MeasureWindow, "labels">, domain: SQL, node: SQL): SQL {
  if (labels.length === 0) return sql`TRUE`;
  const has = labels.map(({ name, value }) =>
    value === null
      ? sql`jsonb_exists(labelled.labels, ${name})`
      : sql`labelled.labels ->> ${name} = ${value}`,
  );
  return sql`EXISTS (SELECT FROM node labelled WHERE labelled.trust_domain_id = ${domain} AND labelled.id = ${node}
    AND ${sql.join(has, sql` AND `)})`;
}

/** The end of the period as a question about the fleet then. */
export function endOf({ to, knownAt, now }: MeasureWindow): TimePoint {
  return { asOf: knownAt || to < now ? to : null, knownAt, now };
}

/** CTE `gone`: when nodes were decommissioned; nothing is expected of them from then on. */
export function decommissioned(scope: Scope, { knownAt }: MeasureWindow): SQL {
  return sql`gone AS MATERIALIZED (
    SELECT t.trust_domain_id, t.node_id, min(t.occurred_at) AS at FROM node_transition t
    WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(knownAt)}
      AND t.outcome = 'moved' AND t.to_state = 'decommissioned'
    GROUP BY t.trust_domain_id, t.node_id
  )`;
}

/** Columns of a row about a node `n`. */
export const NODE_ITEM = sql`'node' AS kind, n.id::text AS key, n.id AS node_id, n.display_name AS name`;

/** Length between two instants in whole milliseconds. */
export const length = (from: SQL, to: SQL): SQL => sql`round(${ms(to)} - ${ms(from)})`;

/** Instants inside the period. */
export const within = (column: SQL, { from, to }: MeasureWindow): SQL =>
  sql`(${column} >= ${instant(from)} AND ${column} < ${instant(to)})`;

/** Stretches `[from, until)` that hold the last instant of the period; no `until` = for ever. */
export const atEnd = (from: SQL, until: SQL, { to }: MeasureWindow): SQL =>
  sql`(${from} <= ${instant(to)} AND (${until} IS NULL OR ${until} > ${instant(to)}))`;
