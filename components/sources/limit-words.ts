/** Words for cadences, limits and clocks. Pure. */
import { formatDuration } from "#lib/client/format";
import type { SilenceLimitView, SourceView } from "#lib/contracts/source";

/** When silence counts, in one phrase. */
export function limitWords({ mode, staleAfterMs }: SilenceLimitView): string {
  if (mode === "none" || staleAfterMs === null) return "no time limit";
  return `${formatDuration(staleAfterMs)}, ${mode === "learnt" ? "learnt" : "fixed"}`;
}

/** How often one node is heard. */
export function cadenceWords({ mode, cadenceMs }: SilenceLimitView): string {
  if (cadenceMs !== null) return `every ${formatDuration(cadenceMs)}`;
  return mode === "none" ? "not learnt" : "not learnt yet";
}

/** Which way the sender's clock is off and how far; delay makes it look behind. */
export function skewWords(skew: SourceView["skew"]): string {
  if (skew === null) return "not measured";
  const { p50Ms, p95Ms, samples } = skew;
  const one = (ms: number) => (ms === 0 ? "0 s" : `${ms > 0 ? "+" : "−"}${formatDuration(ms)}`);
  return `${one(p50Ms)} median, ${one(p95Ms)} at p95, of ${samples}`;
}
