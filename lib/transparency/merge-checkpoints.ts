/** Checkpoints of several places in one order, as the check needs them. */
import { checkpointOf } from "./checkpoint-file.ts";
import type { FoundCheckpoint } from "./verify.ts";

export type Sized = FoundCheckpoint & { size: number };

/** Notes that somebody kept elsewhere, whatever their order. */
export async function* givenCheckpoints(notes: readonly string[]): AsyncGenerator<Sized> {
  const sized = notes.map((note) => ({ note, size: checkpointOf(note)?.size ?? 0, where: "given" as const }));
  yield* sized.sort((a, b) => a.size - b.size);
}

/** Both, by size; neither is read further than the other needs. */
export async function* merged(a: AsyncGenerator<Sized>, b: AsyncGenerator<Sized>): AsyncGenerator<Sized> {
  try {
    let [first, second] = [await a.next(), await b.next()];
    while (!first.done || !second.done) {
      if (second.done || (!first.done && first.value.size <= second.value.size)) {
        if (!first.done) yield first.value;
        first = await a.next();
      } else {
        yield second.value;
        second = await b.next();
      }
    }
  } finally {
    await Promise.all([a.return(undefined), b.return(undefined)]);
  }
}
