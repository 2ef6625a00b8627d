/** When a strong role has to be confirmed by somebody else. Pure; times are epoch milliseconds. */
import { CONFIRMATION_MS } from "./measure/limits.ts";

export type ConfirmableGrant = {
  /** Since when the role is held without a break. */
  givenAtMs: number;
  /** Whoever holds it gave it: no other person stands behind it yet. */
  ownGift: boolean;
  /** The last time that another person confirmed it; `null` = never. */
  confirmedAtMs: number | null;
};

/** The first instant at which the confirmation is due. */
export function confirmationDue({ givenAtMs, ownGift, confirmedAtMs }: ConfirmableGrant): number {
  if (confirmedAtMs !== null) return confirmedAtMs + CONFIRMATION_MS;
  return ownGift ? givenAtMs : givenAtMs + CONFIRMATION_MS;
}
