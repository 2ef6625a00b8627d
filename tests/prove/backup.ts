/**
 * A10-backup: whoever puts an older backup back is found within one checkpoint, by the file or by a witness.
 *
 * A cluster is stopped and copied, goes on, and is replaced by its copy. Then the job must refuse to sign, the check
 * must name the first entry that is missing, and a checkpoint that was kept must contradict. With the file put away
 * as well, the first checkpoint that is signed anew must be refused by the witness.
 *
 * Planted bug: the file is put back with the backup, and the witness forgets.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { verifyDatabase } from "#lib/transparency/read-database";
import { LogContradiction } from "#lib/transparency/take-in";
import {
  type Copy,
  copyStopped,
  noteOf,
  openWitness,
  overCopies,
  show,
  startCopy,
} from "#tests/prove/audit-copies";
import { intBetween } from "#tests/prove/random";

export const olderBackupsAreFound = overCopies(
  async ({ home, base, sealer, random, number, planted, expectFound }) => {
    const [live, backup] = [join(home, "live"), join(home, "backup")];
    await copyStopped(base, live);
    const before = await startCopy(live, sealer);
    await before.world.fill(intBetween(random, 1, 40), intBetween(random, 1, 13));
    const old = (await sizeOf(before)) ?? 0;
    await before.stop();
    await copyStopped(live, backup);

    const after = await startCopy(live, sealer);
    await after.world.fill(intBetween(random, 1, 40), intBetween(random, 1, 13));
    const kept = await noteOf(after);
    const memory = join(home, `witness-${number}.json`);
    const witness = await openWitness(memory, after);
    if ((await show(witness, after)) !== 200) throw new Error("the witness refuses an honest log");
    await after.stop();
    await putBack({ live, backup, withFile: planted });

    const restored = await startCopy(live, sealer);
    try {
      const { file } = restored.world;
      await restored.world.write();
      const refusal = await restored.world.takeIn().catch((error: unknown) => error);
      expectFound("the job, by the file", refusal instanceof LogContradiction);
      const first = refusal instanceof LogContradiction ? old : null;
      const byFile = (await verifyDatabase(restored.db, restored.domain, { file })).fault;
      expectFound("the check, by the file", byFile !== null && byFile.index === first);
      const nowhere = join(home, "nothing");
      const given = planted ? [] : [kept];
      const byKept = (await verifyDatabase(restored.db, restored.domain, { file: nowhere, given })).fault;
      expectFound("the check, by a checkpoint that was kept", byKept !== null);
      // Whoever holds the machine puts the file away, too, and the log is signed again.
      await rm(file, { force: true });
      await restored.world.takeIn();
      const asked = planted ? await openWitness(join(home, `forgot-${number}.json`), restored) : witness;
      expectFound("the witness, by its memory", (await show(asked, restored)) !== 200);
    } finally {
      await restored.stop();
    }
  },
);

/** The database of the backup, and the file of today. */
async function putBack(args: { live: string; backup: string; withFile: boolean }): Promise<void> {
  const { live, backup, withFile } = args;
  if (withFile) return copyStopped(backup, live);
  await copyStopped(join(live, "audit"), join(backup, "audit"));
  await copyStopped(backup, live);
}

async function sizeOf({ world, db, domain }: Copy): Promise<number> {
  return (await verifyDatabase(db, domain, { file: world.file })).size;
}
