/** Pieces that the rows of the benchmark share. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

/** Distance between the extremes as a share of the median. */
export function spreadOf(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Keep every run's raw figures: `bench/results/ROW.json`, replaced by each measurement. */
export async function keepRaw(row: string, raw: object): Promise<void> {
  const file = join(import.meta.dirname, "results", `${row}.json`);
  await writeFile(file, `${JSON.stringify(raw, null, 2)}\n`);
}
