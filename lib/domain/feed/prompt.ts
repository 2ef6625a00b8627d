/** What is counted of the facts that a sink is told, and which of them are late. Pure; times are epoch milliseconds. */
import { DELIVERY_MS } from "#lib/domain/measure/limits";

/** From where on a sink's facts are counted. */
export type Counting = {
  /** Those that were noted before are history that it was given. */
  fromMs: number;
  /** The furthest place that it had come to: what is told again behind it was counted. */
  through: number;
};

type Noted = { seq: number; knownMs: number };

export function isCounted({ seq, knownMs }: Noted, { fromMs, through }: Counting): boolean {
  return seq > through && knownMs >= fromMs;
}

/** Whether more than five minutes went by between noting a fact and a receiver's taking it. */
export function isLate({ knownMs }: Pick<Noted, "knownMs">, tookMs: number): boolean {
  return tookMs - knownMs > DELIVERY_MS;
}
