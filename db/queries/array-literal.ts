/**
 * Arrays as PostgreSQL's own text form. The driver makes the same, element by element and with every
 * one of them quoted; that cost more than the statements that they were meant for.
 */

/** Values that need no quotes whatever they are: UUIDs, numbers, ISO instants. `null` becomes NULL. */
export function plainArray(values: readonly (string | number | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

const UNSAFE = /["\\]/g;

export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(UNSAFE, "\\$&")}"`).join(",")}}`;
}

/** Bytes given as hex. */
export function hexArray(values: readonly string[]): string {
  return `{${values.map((value) => `"\\\\x${value}"`).join(",")}}`;
}
