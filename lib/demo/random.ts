/** Chance that can be repeated: every value depends on its arguments alone, never on call order. */
import { createHash } from "node:crypto";

type Part = string | number;

/**
 * A number in [0, 1).
 *
 * The same parts always give the same number, so one node's course does not move when another
 * node is added before it.
 */
export function chance(seed: number, ...parts: readonly Part[]): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const part of parts) {
    const text = typeof part === "number" ? part.toString(36) : part;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** A whole number in `low`..`high`, both included. */
export function between(low: number, high: number, seed: number, ...parts: readonly Part[]): number {
  return low + Math.floor(chance(seed, ...parts) * (high - low + 1));
}

/** 64 hexadecimal digits. */
export function hex(...parts: readonly Part[]): string {
  return createHash("sha256").update(parts.join("\u001f")).digest("hex");
}

/** A version 4 UUID. */
export function uuid(...parts: readonly Part[]): string {
  const h = hex(...parts);
  const variant = "89ab"[Number.parseInt(h.slice(16, 17), 16) % 4];
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
