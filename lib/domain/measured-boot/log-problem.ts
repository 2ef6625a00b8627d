/** Why a log cannot be read. A value: whoever sends a broken log must not be able to break a reader. */

export const LOG_PROBLEMS = {
  empty: "the log is empty",
  "not-a-log": "the bytes are not a log of this kind",
  truncated: "the log ends in the middle of an entry",
  inconsistent: "the log contradicts itself",
  "too-large": "the log is larger than is read",
  "too-many-entries": "the log has more entries than are read",
} as const;
export type LogProblemCode = keyof typeof LOG_PROBLEMS;

export type LogProblem = {
  code: LogProblemCode;
  /** One sentence, with the place where reading stopped. Holds nothing of the log's own text. */
  detail: string;
};

export type Read<T> = { ok: true; log: T } | { ok: false; problem: LogProblem };

export function unreadable(code: LogProblemCode, where: string): { ok: false; problem: LogProblem } {
  return { ok: false, problem: { code, detail: `${LOG_PROBLEMS[code]}: ${where}` } };
}
