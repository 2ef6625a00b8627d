/** The signed-in person's own account. */
import { z } from "zod";
import { ROLES } from "#lib/domain/access";
import { ReviewView } from "./access.ts";
import { Uuid } from "./common.ts";

export const AccountView = z.strictObject({
  id: Uuid,
  email: z.string(),
  role: z.enum(ROLES),
  /** Permissions that the role holds; the UI disables what is missing. */
  permissions: z.array(z.string()),
  mustChangePassword: z.boolean(),
  /** The only period that the person may look at; `null` = any time. */
  review: ReviewView.nullable(),
});
export type AccountView = z.infer<typeof AccountView>;

export const ChangePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(200),
  newPassword: z.string().min(12).max(200),
});
export type ChangePasswordBody = z.infer<typeof ChangePasswordBody>;
