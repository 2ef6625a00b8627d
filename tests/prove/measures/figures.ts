/** All figures of a fleet over a period, as the second implementation has them. */
import type { Period } from "./course.ts";
import { nodeMeasures, type Question } from "./nodes.ts";
import { recordMeasures } from "./records.ts";
import { type Sums, sumsOf, verdictOf } from "./sums.ts";

export type Figure = { result: string | null; totals: Sums; previous: Sums };
/** By the id of the measure. */
export type Figures = Readonly<Record<string, Figure>>;

export function figuresOf(question: Question): Figures {
  const [now, before] = [sums(question), sums({ ...question, period: periodBefore(question.period) })];
  return Object.fromEntries(
    Object.entries(now).flatMap(([id, totals]) => {
      const previous = before[id];
      return previous ? [[id, { result: verdictOf(id, totals), totals, previous }]] : [];
    }),
  );
}

/** The period of the same length right before. */
const periodBefore = ({ fromMs, toMs, nowMs }: Period): Period => ({
  fromMs: fromMs - (toMs - fromMs),
  toMs: fromMs,
  nowMs,
});

function sums(question: Question): Record<string, Sums> {
  const all = { ...nodeMeasures(question), ...recordMeasures(question) };
  return Object.fromEntries(Object.entries(all).map(([id, rows]) => [id, sumsOf(id, rows)]));
}
