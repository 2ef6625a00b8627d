/** Correcting recorded history: which intervals stop being believed and which are added. */

type Span = { fromMs: number; toMs: number | null };

export type Revision<Stored extends Span, Computed extends Span> = {
  /** No longer believed: their recording is closed, their rows stay. */
  supersede: Stored[];
  /** Believed from now on. */
  add: Computed[];
};

/**
 * Compare what is recorded with what the evidence amounts to.
 *
 * @param stored currently believed intervals of one line, from the point of revision on
 * @param computed the same stretch as computed now
 * @param equal whether a stored interval says the same as the computed one with the same bounds
 */
export function reviseHistory<Stored extends Span, Computed extends Span>(
  stored: readonly Stored[],
  computed: readonly Computed[],
  equal: (stored: Stored, computed: Computed) => boolean,
): Revision<Stored, Computed> {
  const byStart = new Map(stored.map((interval) => [interval.fromMs, interval]));
  const kept = new Set<Stored>();
  const add = computed.filter((interval) => {
    const known = byStart.get(interval.fromMs);
    if (!known || known.toMs !== interval.toMs || !equal(known, interval)) return true;
    kept.add(known);
    return false;
  });
  return { supersede: stored.filter((interval) => !kept.has(interval)), add };
}
