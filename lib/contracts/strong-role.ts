/** Strong roles: who holds one, and whether somebody else confirmed it lately. */
import { z } from "zod";
import { type Role, STRONG_ROLES } from "#lib/domain/access";
import { Instant, Uuid } from "./common.ts";

const StrongRole = z.enum(STRONG_ROLES as readonly [Role, ...Role[]]);

export const StrongRoleView = z.strictObject({
  userId: Uuid,
  email: z.string(),
  disabledAt: Instant.nullable(),
  trustDomainId: Uuid,
  trustDomain: z.string(),
  role: StrongRole,
  /** `oidc` = follows the groups of the identity provider, and cannot be taken away here. */
  origin: z.enum(["local", "oidc"]),
  /** Since when it is held without a break. */
  givenAt: Instant,
  expiresAt: Instant.nullable(),
  /** By the person who holds it: then it is due at once. */
  ownGift: z.boolean(),
  /** The last time; `null` = nobody ever did. */
  confirmed: z.strictObject({ at: Instant, by: z.string(), note: z.string() }).nullable(),
  dueAt: Instant.meta({ description: "From then on somebody else has to confirm it." }),
  due: z.boolean(),
  /** The caller holds it, who does not confirm it. */
  own: z.boolean(),
});
export type StrongRoleView = z.infer<typeof StrongRoleView>;
/** What is due first, or was due for the longest time. */
export const StrongRoleList = z.strictObject({ items: z.array(StrongRoleView) });
export type StrongRoleList = z.infer<typeof StrongRoleList>;

export const ConfirmRoleBody = z.strictObject({
  trustDomainId: Uuid,
  role: StrongRole,
  note: z.string().trim().max(1_000).default(""),
});
export type ConfirmRoleBody = z.input<typeof ConfirmRoleBody>;
