/**
 * Small requests of one source share a transaction, because a commit costs more than a row.
 *
 * While a transaction of a source runs, its small requests gather, and go into the next one together:
 * nobody waits for a timer, and a lone sender is stored at once. Each is still answered on its own.
 */
import type { Facts, Refusal } from "./interpret.ts";
import { MAX_EVENTS } from "./limits.ts";
import { type Batch, type Stored, storeFacts } from "./store.ts";

/** Facts that make a request large enough for a transaction of its own. */
const SMALL = 20;
/** Most facts in one shared transaction: it must not keep anybody's node locked for long. */
const MAX_SHARED = 500;
/** Transactions of one source at a time; the second runs while the first waits for the disk. */
const MAX_RUNNING = 2;

type Store = (batch: Batch, facts: Facts) => Promise<Stored>;
type Waiting = {
  batch: Batch;
  facts: Facts;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
};
type Lane = { running: number; queue: Waiting[] };

/**
 * A {@link storeFacts} that lets small requests share transactions.
 *
 * @param store given by tests only
 */
export function groupCommit(store: Store = storeFacts): Store {
  const lanes = new Map<string, Lane>();

  async function run(key: string, lane: Lane, group: readonly Waiting[]): Promise<void> {
    lane.running += 1;
    try {
      await storeGroup(store, group);
    } finally {
      lane.running -= 1;
      if (lane.queue.length > 0) start(key, lane);
      else if (lane.running === 0) lanes.delete(key);
    }
  }

  function start(key: string, lane: Lane): void {
    let room = MAX_SHARED;
    const taken = lane.queue.findIndex(({ facts }) => {
      room -= sizeOf(facts);
      return room < 0;
    });
    const group = lane.queue.splice(0, taken === -1 ? lane.queue.length : Math.max(taken, 1));
    void run(key, lane, group);
  }

  return (batch, facts) => {
    if (!mayShare(batch, facts)) return store(batch, facts);
    const { source, backfill } = batch;
    const key = `${source.trustDomainId} ${source.id} ${backfill}`;
    const lane = lanes.get(key) ?? { running: 0, queue: [] };
    lanes.set(key, lane);
    return new Promise((resolve, reject) => {
      lane.queue.push({ batch, facts, resolve, reject });
      if (lane.running < MAX_RUNNING) start(key, lane);
    });
  };
}

const sizeOf = ({ verdicts, bootstrap, refusals }: Facts): number =>
  verdicts.length + bootstrap.length + refusals.length;

/**
 * A verdict that is dated by its arrival stays alone: its time of arrival is part of what it says, and
 * a shared transaction has only one.
 */
function mayShare({ receivedAt }: Batch, facts: Facts): boolean {
  const arrivalMs = receivedAt.getTime();
  return sizeOf(facts) <= SMALL && !facts.verdicts.some(({ verdict }) => verdict.observedAtMs === arrivalMs);
}

/** Never rejects: what fails together is tried one by one, so that nobody suffers from another's event. */
async function storeGroup(store: Store, group: readonly Waiting[]): Promise<void> {
  const [first, ...others] = group;
  if (!first) return;
  if (others.length > 0) {
    try {
      const stored = await store(first.batch, merged(group));
      group.forEach((waiting, position) => {
        waiting.resolve(shareOf(stored, waiting.facts, position));
      });
      return;
    } catch {
      // Each of them will meet its own error below, or none.
    }
  }
  for (const { batch, facts, resolve, reject } of group) await store(batch, facts).then(resolve, reject);
}

/** All facts in one, each slot with a number that tells whose it is. */
function merged(group: readonly Waiting[]): Facts {
  const all: Facts = { verdicts: [], bootstrap: [], refusals: [] };
  group.forEach(({ facts }, position) => {
    const shift = <T extends { index: number }>(fact: T): T => ({
      ...fact,
      index: position * MAX_EVENTS + fact.index,
    });
    all.verdicts.push(...facts.verdicts.map(shift));
    all.bootstrap.push(...facts.bootstrap.map(shift));
    all.refusals.push(...facts.refusals.map(shift));
  });
  return all;
}

/** What became of one request out of a shared transaction. */
function shareOf(stored: Stored, facts: Facts, position: number): Stored {
  const isOwn = (index: number) => Math.floor(index / MAX_EVENTS) === position;
  const acceptedSlots = stored.acceptedSlots.filter(isOwn);
  const refusals: Refusal[] = stored.refusals
    .filter(({ index }) => isOwn(index))
    .map((refusal) => ({ ...refusal, index: refusal.index % MAX_EVENTS }));
  const accepted = acceptedSlots.length;
  const late = refusals.length - facts.refusals.length;
  const duplicate = facts.verdicts.length + facts.bootstrap.length - accepted - late;
  return {
    accepted,
    duplicate,
    refusals,
    acceptedSlots: acceptedSlots.map((index) => index % MAX_EVENTS),
  };
}
