/** Lets a new key take the place of the one that signs an audit log; for a while both sign. */
import { z } from "zod";
import { logKeyRetire, logKeys, logRead } from "#db/queries/audit-log";
import type { Sealer } from "#db/sealing";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { makeLogKey } from "#lib/transparency/log-keys";

const DAY_MS = 86_400_000;

const RotateLogKey = z.strictObject({
  trustDomainId: z.uuid(),
  /** How long the old key goes on signing, so that whoever checks can learn the new one meanwhile. */
  overlapDays: z.int().min(0).max(365),
});

/** @returns the new key, for whoever checks the log */
export function rotateLogKey(
  ctx: ServiceContext,
  sealer: Sealer,
  input: z.input<typeof RotateLogKey>,
): Promise<{ vkey: string }> {
  return command({
    name: "audit-log.rotate-key",
    permission: "audit:manage",
    input: RotateLogKey,
    target: ({ trustDomainId }) => trustDomainId,
    async run(tx, { actor, now }, { trustDomainId, overlapDays }) {
      const log = actor.trustDomainIds.includes(trustDomainId) ? await logRead(tx, trustDomainId) : undefined;
      if (!log) throw new ProblemError("audit/not-found", "There is no audit log of this trust domain.");
      const at = now();
      const signing = (await logKeys(tx, trustDomainId)).filter(({ retireAt }) => retireAt === null);
      const retireAt = new Date(at.getTime() + overlapDays * DAY_MS);
      for (const key of signing) await logKeyRetire(tx, key, retireAt);
      const { vkey } = await makeLogKey(tx, sealer, { trustDomainId, origin: log.origin, now: at });
      const retired = signing.map((key) => key.vkey);
      return {
        result: { vkey },
        audit: {
          trustDomainId,
          entity: "audit-log",
          entityId: trustDomainId,
          before: { vkeys: retired },
          after: { vkey, retireAt: retireAt.toISOString() },
        },
      };
    },
  })(ctx, input);
}
