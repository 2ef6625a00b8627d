/** How near the end of a key is. */
import type { ServiceKeyView } from "#lib/contracts/service-account";
import { DAY_MS } from "./format.ts";

/** `soon` = two weeks at most, `now` = three days at most. */
export type KeyEnd = "revoked" | "ended" | "now" | "soon" | "far";

const SOON_MS = 14 * DAY_MS;
const NOW_MS = 3 * DAY_MS;

export function keyEnd(
  { expiresAt, revokedAt }: Pick<ServiceKeyView, "expiresAt" | "revokedAt">,
  nowMs: number,
): KeyEnd {
  if (revokedAt !== null) return "revoked";
  const leftMs = Date.parse(expiresAt) - nowMs;
  if (leftMs <= 0) return "ended";
  if (leftMs <= NOW_MS) return "now";
  return leftMs <= SOON_MS ? "soon" : "far";
}
