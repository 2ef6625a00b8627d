import { type ClassValue, clsx } from "clsx";

/** Joins class names; falsy ones fall away. Classes of one element must not contradict each other. */
export function cn(...values: ClassValue[]): string {
  return clsx(values);
}
