/**
 * A10-fork: two copies of a log that go on in different ways are found, whoever compares what they signed.
 *
 * A cluster is stopped and copied, and both copies take entries in. Each copy is checked against a checkpoint that
 * was kept from the other, the witness of one is shown the other, and the file of one is held against the other.
 *
 * Planted bug: the copies are told apart by their sizes alone.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { checkpointOf } from "#lib/transparency/checkpoint-file";
import { verifyDatabase } from "#lib/transparency/read-database";
import { contradiction } from "#lib/transparency/take-in";
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

const sizeIn = (note: string) => checkpointOf(note)?.size ?? 0;

export const forksAreFound = overCopies(
  async ({ home, base, sealer, random, number, planted, expectFound }) => {
    const [here, there] = [join(home, "here"), join(home, "there")];
    await copyStopped(base, here);
    const common = await startCopy(here, sealer);
    await common.world.fill(intBetween(random, 1, 30), intBetween(random, 1, 13));
    const memory = join(home, `witness-${number}.json`);
    await show(await openWitness(memory, common), common);
    await common.stop();
    await copyStopped(here, there);

    const [a, b] = [await startCopy(here, sealer), await startCopy(there, sealer)];
    try {
      // Every other time both are of the same size, where only the roots tell.
      const more = intBetween(random, 1, 20);
      await a.world.fill(more, intBetween(random, 1, 7));
      await b.world.fill(number % 2 === 0 ? more : intBetween(random, 1, 20), intBetween(random, 1, 7));
      const [noteA, noteB] = [await noteOf(a), await noteOf(b)];
      const nowhere = join(home, "nothing");
      const disagree = async (copy: Copy, kept: string) => {
        if (planted) return sizeIn(await noteOf(copy)) < sizeIn(kept);
        return (await verifyDatabase(copy.db, copy.domain, { file: nowhere, given: [kept] })).fault !== null;
      };
      expectFound("a checkpoint of the other, kept against this one", await disagree(a, noteB));
      expectFound("a checkpoint of this one, kept against the other", await disagree(b, noteA));
      const witness = await openWitness(memory, a);
      if ((await show(witness, a)) !== 200) throw new Error("the witness refuses an honest log");
      expectFound("the witness of this one, shown the other", planted || (await show(witness, b)) !== 200);
      const carried = join(home, "carried.jsonl");
      await cp(a.world.file, carried);
      const told = await contradiction(b.db, carried, b.domain);
      expectFound("the file of this one, held against the other", planted || told !== null);
    } finally {
      await a.stop();
      await b.stop();
    }
  },
);
