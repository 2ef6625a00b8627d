/** A measure over what sinks were told, from what is kept of it by the minute. */
import { type SQL, sql } from "drizzle-orm";
import type { MeasureWindow, Relation } from "./measure-sql.ts";
import { MINUTE_MS } from "./sink-delivery.ts";
import { instant, type Scope, uuids } from "./sql.ts";

/** The whole minutes inside a period. A minute that is not over would still change. */
function wholeMinutes({ from, to }: MeasureWindow): { first: Date; end: Date } {
  return {
    first: new Date(Math.ceil(from.getTime() / MINUTE_MS) * MINUTE_MS),
    end: new Date(Math.floor(to.getTime() / MINUTE_MS) * MINUTE_MS),
  };
}

/** Facts that sinks had not been told at an instant and that had been noted so long before. */
const waiting = (scope: Scope, end: Date, limitMs: number): SQL => {
  const due = sql`f.trust_domain_id = s.trust_domain_id AND f.kind = ANY(s.facts)
        AND f.at >= coalesce(s.counted_from, s.created_at)
        AND f.at < ${instant(end)} - ${limitMs} * interval '1 millisecond'`;
  return sql`SELECT s.trust_domain_id, s.id AS sink_id, count(*) AS facts, min(w.at) AS at
    FROM sink s
    CROSS JOIN LATERAL (SELECT coalesce((SELECT d.through FROM sink_delivery d WHERE d.trust_domain_id = s.trust_domain_id
        AND d.sink_id = s.id AND d.minute < ${instant(end)} ORDER BY d.minute DESC LIMIT 1), 0) AS through) p
    CROSS JOIN LATERAL (
      SELECT f.at FROM feed_fact f WHERE f.seq > p.through AND ${due}
      UNION ALL SELECT f.at FROM feed_fact f WHERE f.seq IS NULL AND ${due}
    ) w
    WHERE s.trust_domain_id = ANY(${uuids(scope)}) AND (s.disabled_at IS NULL OR s.disabled_at > ${instant(end)})
    GROUP BY s.trust_domain_id, s.id`;
};

/** Facts by sink and by what became of them: told in time, told late, refused, not kept any more, still waiting. */
export const deliveries = (limitMs: number): Relation => ({
  ground: null,
  rows: (scope, window) => {
    const { first, end } = wholeMinutes(window);
    const inside = (column: SQL) => sql`${column} >= ${instant(first)} AND ${column} < ${instant(end)}`;
    const domains = sql`trust_domain_id = ANY(${uuids(scope)})`;
    return sql`WITH told AS MATERIALIZED (
      SELECT trust_domain_id, sink_id, sum(facts) AS facts, sum(late) AS late, sum(missed) AS missed,
        max(minute) FILTER (WHERE facts > late) AS told_at, max(minute) FILTER (WHERE late > 0) AS late_at,
        max(minute) FILTER (WHERE missed > 0) AS missed_at
      FROM sink_delivery WHERE ${domains} AND ${inside(sql`minute`)} GROUP BY 1, 2
    ), part AS (
      SELECT trust_domain_id, sink_id, 'told' AS part, 'met' AS verdict, facts - late AS facts, told_at AS at,
        'told in time' AS detail FROM told
      UNION ALL SELECT trust_domain_id, sink_id, 'late', 'missed', late, late_at, 'told later than five minutes' FROM told
      UNION ALL SELECT trust_domain_id, sink_id, 'forgotten', 'missed', missed, missed_at,
        'not kept any more when due' FROM told
      UNION ALL SELECT trust_domain_id, sink_id, 'refused', 'missed', count(*), max(at),
        'refused by the receiver and not sent again' FROM sink_refusal
      WHERE ${domains} AND ${inside(sql`at`)} AND (replayed_at IS NULL OR replayed_at >= ${instant(end)}) GROUP BY 1, 2
      UNION ALL SELECT trust_domain_id, sink_id, 'waiting', 'missed', facts, at, 'waiting at the end of the period'
      FROM (${waiting(scope, end, limitMs)}) waiting
    )
    SELECT 'sink' AS kind, p.sink_id::text || '/' || p.part AS key, NULL::uuid AS node_id,
      coalesce(s.name, 'a sink that was removed') AS name, p.verdict, p.facts AS weight, NULL::float8 AS value, p.at, p.detail
    FROM part p LEFT JOIN sink s ON s.trust_domain_id = p.trust_domain_id AND s.id = p.sink_id WHERE p.facts > 0`;
  },
  // Facts that were due, and not how many rows they come to.
  basis: () => sql`coalesce(sum(weight), 0)`,
});
