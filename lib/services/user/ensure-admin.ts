/** The first person of a new installation. */
import { z } from "zod";
import type { Db } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { trustDomainCreationLock, trustDomainInsert, trustDomainRoot } from "#db/queries/trust-domain";
import { roleGrantInsert, userCount, userInsert } from "#db/queries/user";
import { parseInput } from "#lib/services/input";
import { uuidv7 } from "#lib/services/uuidv7";
import { hashPassword, oneTimePassword } from "./password.ts";

const DEFAULT_EMAIL = "admin@localhost";
const Wanted = z.object({
  /** Like a work e-mail, but `admin@localhost` is fine on one machine. */
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+$/, "An e-mail address"),
  password: z.string().min(12).max(200).optional(),
});

export type EnsuredAdmin = {
  email: string;
  /** Shown once and stored nowhere; `null` when the password was given or nobody was created. */
  oneTimePassword: string | null;
  created: boolean;
};

/**
 * Create the root trust domain and the first administrator when there is no user.
 *
 * Of two processes that start at the same time one creates them: the other waits and finds them.
 *
 * @throws {ProblemError} `request/invalid` when the e-mail is none or the password is too short
 */
export async function ensureAdmin(
  db: Db,
  wanted: { email?: string | undefined; password?: string | undefined; now: Date },
): Promise<EnsuredAdmin> {
  const { now } = wanted;
  const { email, password } = parseInput(Wanted, {
    email: wanted.email ?? DEFAULT_EMAIL,
    password: wanted.password,
  });
  return db.transaction(async (tx) => {
    await trustDomainCreationLock(tx);
    const root = await trustDomainRoot(tx);
    const trustDomainId = root?.id ?? uuidv7(now);
    if (!root)
      await trustDomainInsert(tx, { id: trustDomainId, parentId: null, name: "root", createdAt: now });
    if ((await userCount(tx)) > 0) return { email, oneTimePassword: null, created: false };
    const made = password === undefined ? oneTimePassword() : null;
    const id = uuidv7(now);
    await userInsert(tx, {
      id,
      email,
      passwordHash: await hashPassword(made ?? password ?? ""),
      mustChangePassword: made !== null,
      failedSignIns: 0,
      createdAt: now,
    });
    await roleGrantInsert(tx, { userId: id, trustDomainId, role: "admin", createdAt: now });
    await auditInsert(tx, {
      trustDomainId,
      id: uuidv7(now),
      at: now,
      actorKind: "system",
      actorId: "first-start",
      action: "user.create",
      entity: "user",
      entityId: id,
      outcome: "done",
      problemCode: null,
      before: null,
      after: { email, role: "admin" },
      requestId: "first-start",
      address: null,
    });
    return { email, oneTimePassword: made, created: true };
  });
}
