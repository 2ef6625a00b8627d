/** People who may sign in. */
import { z } from "zod";
import { ROLES } from "#lib/domain/access";
import { ExpiresInDays, ReviewView } from "./access.ts";
import { Instant, Uuid } from "./common.ts";

export const CreateUserBody = z.strictObject({
  email: z.email().max(254).toLowerCase(),
  role: z.enum(ROLES),
  /** Absent = the caller's own. */
  trustDomainId: Uuid.optional(),
  /** Days until the role ends; absent = it does not, but an auditor's, which ends after 90 days. */
  expiresInDays: ExpiresInDays.optional(),
  /** For auditors only: the one period that the person may look at. */
  review: ReviewView.optional(),
  /** Absent = a one-time password is made; the person must change either at the first sign-in. */
  password: z.string().min(12).max(200).optional(),
});
export type CreateUserBody = z.infer<typeof CreateUserBody>;

const UserView = z.strictObject({
  id: Uuid,
  email: z.string(),
  role: z.enum(ROLES),
  createdAt: Instant,
});

/** The only time that a one-time password is shown; `null` when the caller chose the password. */
export const CreatedUser = z.strictObject({ user: UserView, oneTimePassword: z.string().nullable() });
export type CreatedUser = z.infer<typeof CreatedUser>;
