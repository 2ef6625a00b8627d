/** People whom a schedule tells: named by their address, and only those who may read what they are told of. */
import type { Tx } from "#db/client";
import { accountsByEmail } from "#db/queries/report-schedule";
import { ProblemError } from "#lib/domain/problems";
import { holderNow } from "#lib/services/change-request/person";

/**
 * The accounts with these addresses.
 *
 * @throws {ProblemError} `request/invalid` for one that is unknown, out of use or may not read; which, is not told apart
 */
export async function recipientIds(
  tx: Tx,
  emails: readonly string[],
  trustDomainId: string,
  now: Date,
): Promise<string[]> {
  if (emails.length === 0) return [];
  const ids: string[] = [];
  const known = new Set<string>();
  for (const { id, email } of await accountsByEmail(tx, emails)) {
    const holder = await holderNow(tx, id, trustDomainId, "compliance:read", now);
    if (!holder?.holds) continue;
    ids.push(id);
    known.add(email);
  }
  const pointers = emails.flatMap((email, at) =>
    known.has(email)
      ? []
      : [{ pointer: `#/recipients/${at}`, detail: `${email} is nobody who may read compliance here.` }],
  );
  if (pointers[0]) throw new ProblemError("request/invalid", pointers[0].detail, { pointers });
  return ids;
}
