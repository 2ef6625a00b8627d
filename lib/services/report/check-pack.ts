/** Checking an evidence pack for somebody who has no command line at hand. */
import { createHash } from "node:crypto";
import type { InstallationKeys } from "#lib/contracts/attestation";
import type { CheckPackBody, PackCheckView } from "#lib/contracts/pack-check";
import { ProblemError } from "#lib/domain/problems";
import { PACK_MAX_BYTES } from "#lib/domain/report/pack-limit";
import { verifyPack } from "#lib/report-pack/verify";
import { readKeys } from "#lib/report-pack/verify-signature";
import { auditRead } from "#lib/services/audit/record-read";
import type { ServiceContext } from "#lib/services/context";
import { reviewScope } from "#lib/services/guard";

const MIB = 1_024 * 1_024;
/** Others wait while a pack is looked at, so it is less than the command line takes. */
const LIMITS = { bytes: PACK_MAX_BYTES, fileBytes: 16 * MIB, totalBytes: 24 * MIB, files: 2_000 };

/**
 * Nothing of the pack is kept. That it was checked, and with what result, is on record.
 *
 * @param ownKeys what the installation signs with, in whichever trust domain
 * @throws {ProblemError} `auth/forbidden`, `request/invalid` for keys that are none
 */
export async function checkPack(
  ctx: ServiceContext,
  body: CheckPackBody,
  ownKeys: () => Promise<InstallationKeys>,
): Promise<PackCheckView> {
  const {
    scope: [trustDomainId],
  } = reviewScope(ctx, "compliance:read");
  if (trustDomainId === undefined) throw new ProblemError("auth/forbidden", "You see no trust domain.");
  const given = body.keys ?? JSON.stringify(await ownKeys());
  const keys = readKeys(given);
  if (!keys?.length) throw new ProblemError("request/invalid", "The keys hold no Ed25519 key.");
  const bytes = Buffer.from(body.pack, "base64");
  const check = verifyPack(bytes, { keys, vkeys: [] }, LIMITS);
  await auditRead(ctx, "report.check", {
    trustDomainId,
    entity: "report",
    entityId: check.report?.id ?? trustDomainId,
    after: { sha256: createHash("sha256").update(bytes).digest("hex"), standing: check.standing },
  });
  return { ...check, findings: [...check.findings] };
}
