/** Ratios of runs that took turns, and how far they scatter. */
import { loadavg } from "node:os";

/** What the ratio is held against: of rates more is better (`floor`), of times and sizes less is (`ceiling`). */
export type Bound = { floor: number } | { ceiling: number };

/** `ratio` = candidate / baseline, the median over the runs. */
export type BenchResult = Bound & {
  ratio: number;
  /** (largest − smallest) / median. */
  spread: number;
  runs: number;
  /** Medians of what was measured, in the row's own unit: they depend on the machine. */
  candidate: number;
  baseline: number;
  /** Every run, for whoever wants to look closer. */
  each: readonly Run[];
  /** Other rows that took turns with this one, by name. */
  also?: Readonly<Record<string, BenchResult>>;
};

/** One run, with the load of the machine after it. */
export type Run = { candidate: number; baseline: number; load: number };

export function runOf(candidate: number, baseline: number): Run {
  return { candidate, baseline, load: loadavg()[0] ?? 0 };
}

export function resultOf(bound: Bound, each: readonly Run[]): BenchResult {
  const ratios = each.map(({ candidate, baseline }) => candidate / baseline);
  const ratio = median(ratios);
  return {
    ratio: round(ratio),
    ...bound,
    spread: round((Math.max(...ratios) - Math.min(...ratios)) / ratio),
    runs: each.length,
    candidate: significant(median(each.map(({ candidate }) => candidate))),
    baseline: significant(median(each.map(({ baseline }) => baseline))),
    each,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;

const significant = (value: number) => Number(value.toPrecision(5));
