/** Ratios of runs that took turns, and how far they scatter. */

/** `ratio` = rate of the candidate / rate of the baseline, the median over the runs. */
export type BenchResult = {
  ratio: number;
  floor: number;
  /** (largest − smallest) / median. */
  spread: number;
  runs: number;
  /** Median rates per second: they depend on the machine. */
  candidate: number;
  baseline: number;
  /** Every run, for whoever wants to look closer. */
  each: readonly { candidate: number; baseline: number; load: number }[];
};

export type Run = BenchResult["each"][number];

export function resultOf(floor: number, each: readonly Run[]): BenchResult {
  const ratios = each.map(({ candidate, baseline }) => candidate / baseline);
  const ratio = median(ratios);
  return {
    ratio: round(ratio),
    floor,
    spread: round((Math.max(...ratios) - Math.min(...ratios)) / ratio),
    runs: each.length,
    candidate: Math.round(median(each.map(({ candidate }) => candidate))),
    baseline: Math.round(median(each.map(({ baseline }) => baseline))),
    each,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
