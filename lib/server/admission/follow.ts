/** Keeps the mirror up to date: looks for changes every second, and reads every node anew from time to time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Conn } from "#db/client";
import {
  admissionChanges,
  admissionDomains,
  admissionNodePage,
  admissionNodesById,
} from "#db/queries/admission";
import { type RulesInForce, rulesInForce } from "#lib/domain/admission-rules";
import { AdmissionMirror } from "./mirror.ts";

/** Between two looks for changes. Milliseconds. */
const LOOK_MS = 1_000;
/** Within this long every node has been read anew: what no look finds, such as new names and fresh evidence. */
const SWEEP_MS = 60_000;
/** Nodes in one query of the first reading, when nobody is answered yet. */
const FIRST_PAGE = 250;
/** Nodes in one query of a later reading: while they are taken in, answers wait, so it is the longest wait. */
const PAGE = 40;
/** Clocks of writers differ, and what they wrote is seen only once they commit. Milliseconds. */
const OVERLAP_MS = 30_000;
const UUID_LENGTH = 36;

type Place = { trustDomainId: string; id: string };

/** What answers rest on. */
export type AdmissionState = {
  mirror: AdmissionMirror;
  rules: RulesInForce;
  /** Every domain with the one above it; `null` = the root. */
  parents: ReadonlyMap<string, string | null>;
  /** Everything that was recorded until then is in it, epoch milliseconds. */
  asOfMs: number;
};

export type AdmissionFollower = {
  /** What is known; `null` until everything was read once. */
  state: () => AdmissionState | null;
  /** Resolves with the state, `null` when it is not there in time. */
  ready: (withinMs: number) => Promise<AdmissionState | null>;
  /** Look once, now. For whoever cannot wait for the next turn. */
  look: () => Promise<void>;
  stop: () => void;
};

/**
 * Begin to follow. Never rejects: what fails is reported and tried again, and the state says how old it is.
 *
 * @param report told about every look that failed
 */
export function followAdmission(
  db: Conn,
  now: () => number,
  report: (error: unknown) => void,
): AdmissionFollower {
  const mirror = new AdmissionMirror();
  const stopping = new AbortController();
  let state: AdmissionState | null = null;
  let marks: ReadonlySet<string> = new Set();
  let changed: ReadonlySet<string> = new Set();
  let sinceMs = now() - OVERLAP_MS;
  let place: Place | null = null;
  let looking: Promise<void> | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  /** One reading after the other: a node that was read later must not be covered by how it was before. */
  const inTurn = <T>(reading: () => Promise<T>): Promise<T> => {
    const own = turn.then(reading);
    turn = own.catch(() => {});
    return own;
  };

  const readPage = async (size: number): Promise<boolean> => {
    const rows = await admissionNodePage(db, place, size);
    for (const row of rows) mirror.put(row);
    const last = rows.at(-1);
    place = rows.length === size && last ? { trustDomainId: last.trustDomainId, id: last.id } : null;
    return place !== null;
  };

  const readChanges = async (): Promise<void> => {
    const beganMs = now();
    const domains = await admissionDomains(db);
    const changes = await admissionChanges(db, sinceMs);
    if (state === null) while (await readPage(FIRST_PAGE));
    else {
      const fresh = changes.changed.filter((change) => !changed.has(change));
      const moved = [...fresh, ...symmetric(marks, new Set(changes.marks))];
      const ids = [...new Set(moved.map((mark) => mark.slice(0, UUID_LENGTH)))];
      const scope = domains.map(({ trustDomainId }) => trustDomainId);
      for (let start = 0; start < ids.length; start += PAGE)
        for (const row of await admissionNodesById(db, scope, ids.slice(start, start + PAGE)))
          mirror.put(row);
    }
    marks = new Set(changes.marks);
    changed = new Set(changes.changed);
    sinceMs = changes.at - OVERLAP_MS;
    const parents = new Map(domains.map(({ trustDomainId, parentId }) => [trustDomainId, parentId]));
    state = { mirror, rules: rulesInForce(domains), parents, asOfMs: beganMs };
  };

  /** The next part of the reading of every node, its pages spread over a time, so that answers wait for one at most. */
  const readOn = async (withinMs: number): Promise<void> => {
    const pages = Math.ceil((mirror.size / PAGE) * (LOOK_MS / SWEEP_MS));
    const beganMs = performance.now();
    for (let page = 1; page <= pages && !stopping.signal.aborted; page += 1) {
      await inTurn(() => readPage(PAGE));
      await restUntil(beganMs + (withinMs * page) / pages);
    }
  };

  const restUntil = async (dueMs: number): Promise<void> => {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) await sleep(leftMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
  };

  const once = (): Promise<void> => {
    looking ??= inTurn(readChanges).finally(() => {
      looking = null;
    });
    return looking;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const nextMs = performance.now() + LOOK_MS;
      await once()
        .then(() => readOn(LOOK_MS))
        .catch(report);
      await restUntil(nextMs);
    }
  };
  void loop();

  return {
    state: () => state,
    async ready(withinMs) {
      if (state === null)
        await Promise.race([once().catch(() => {}), sleep(withinMs, undefined, { ref: false })]);
      return state;
    },
    async look() {
      // One that is under way may have begun before what the caller wants to see.
      await looking?.catch(() => {});
      await once();
      await readOn(0);
    },
    stop: () => stopping.abort(),
  };
}

function* symmetric(one: ReadonlySet<string>, other: ReadonlySet<string>): Iterable<string> {
  for (const mark of one) if (!other.has(mark)) yield mark;
  for (const mark of other) if (!one.has(mark)) yield mark;
}
