import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ascii,
  BANKS,
  joined,
  nodeHash,
  SHA1_BANK,
  SHA256_BANK,
  separator,
  smallBoot,
  type WrittenBank,
  type WrittenEvent,
  writeAgileLog,
  writeSha1Log,
} from "#tests/event-log-writer";
import { hexOf } from "./bytes.ts";
import { describeEvent } from "./describe.ts";
import { type EventLog, MAX_LOG_BYTES, MAX_LOG_EVENTS, parseEventLog } from "./event-log.ts";
import { EV } from "./event-types.ts";
import { replayEventLog } from "./replay.ts";

const event: fc.Arbitrary<WrittenEvent> = fc.record({
  register: fc.nat(23),
  type: fc.constantFrom(...Object.values(EV), 0x12345678),
  data: fc.uint8Array({ maxLength: 60 }),
});
/** The first event of a log without a header has to look like one. */
const sha1Events = fc.array(
  event.filter(({ type }) => type !== 0x12345678),
  { minLength: 1, maxLength: 30 },
);
/** Known algorithms and one that nobody here knows, of whatever size it says. */
const banks: fc.Arbitrary<WrittenBank[]> = fc
  .tuple(
    fc.subarray([SHA1_BANK, SHA256_BANK, { algorithm: 12, bytes: 48 }]),
    fc.option(fc.record({ algorithm: fc.constant(0x99), bytes: fc.integer({ min: 1, max: 128 }) }), {
      nil: null,
    }),
  )
  .map(([known, unknown]) => (unknown ? [...known, unknown] : known))
  .filter((list) => list.length > 0);

function parsed(bytes: Uint8Array): EventLog {
  const read = parseEventLog(bytes);
  if (!read.ok) throw new Error(read.problem.detail);
  return read.log;
}

const problemOf = (bytes: Uint8Array) => {
  const read = parseEventLog(bytes);
  return read.ok ? null : read.problem.code;
};

/** Written anew from the standard's sentence, sharing nothing with the product. */
function naivePcrs(events: readonly WrittenEvent[], bank: "sha1" | "sha256"): Record<number, string> {
  const pcrs: Record<number, string> = {};
  for (const { register, type, data } of events) {
    if (type === 3) continue;
    const zeros = "00".repeat(bank === "sha1" ? 20 : 32);
    const hcrtm = events.some((one) => one.type === 0x80000010 && one.register === 0);
    const start = register === 0 && hcrtm ? `${zeros.slice(2)}04` : zeros;
    const digest = createHash(bank).update(data).digest("hex");
    pcrs[register] = createHash(bank)
      .update(Buffer.from((pcrs[register] ?? start) + digest, "hex"))
      .digest("hex");
  }
  return pcrs;
}

function replayed(log: EventLog, bank: string): Record<number, string> {
  const registers = replayEventLog(log, nodeHash).find(({ name }) => name === bank)?.registers ?? new Map();
  return Object.fromEntries([...registers].map(([register, value]) => [register, hexOf(value)]));
}

describe("reading", () => {
  it("gives back what was written, in both formats and with algorithms that nobody knows", () => {
    const same = (log: EventLog, written: readonly WrittenEvent[], skipped: number) =>
      expect(
        log.events.slice(skipped).map(({ register, type, data }) => ({ register, type, data: [...data] })),
      ).toEqual(written.map(({ register, type, data }) => ({ register, type, data: [...data] })));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), banks, (events, list) => {
        const log = parsed(writeAgileLog(list, events));
        expect(log.format).toBe("crypto-agile");
        expect(log.banks.map(({ algorithm, bytes }) => ({ algorithm, bytes }))).toEqual(list);
        same(log, events, 1);
        for (const { digests } of log.events.slice(1)) expect(digests).toHaveLength(list.length);
      }),
    );
    fc.assert(
      fc.property(sha1Events, (events) => {
        const log = parsed(writeSha1Log(events));
        expect(log.format).toBe("sha1");
        same(log, events, 0);
      }),
    );
  });

  it("stops with a value wherever a log is cut, and never reads past an entry that is whole", () => {
    const whole = writeAgileLog(BANKS, smallBoot());
    for (let end = 0; end < whole.length; end++) {
      const read = parseEventLog(whole.subarray(0, end));
      if (read.ok) expect(parsed(whole).events.length).toBeGreaterThan(read.log.events.length);
      else expect(["empty", "not-a-log", "truncated", "inconsistent"]).toContain(read.problem.code);
    }
  });

  it("never throws, whatever the bytes are", () => {
    const whole = writeAgileLog(BANKS, smallBoot());
    const mutated = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const read = parseEventLog(bytes);
        if (!read.ok) return;
        replayEventLog(read.log, nodeHash);
        for (const one of read.log.events) describeEvent(one);
      }),
      { numRuns: 3000 },
    );
  });

  it("names what is wrong", () => {
    const [first = { register: 0, type: 1, data: ascii("x") }] = smallBoot();
    expect(problemOf(new Uint8Array(0))).toBe("empty");
    expect(problemOf(ascii("this is no event log, whatever it says it is"))).toBe("not-a-log");
    expect(problemOf(new Uint8Array(MAX_LOG_BYTES + 1))).toBe("too-large");
    expect(problemOf(writeSha1Log(Array.from({ length: MAX_LOG_EVENTS + 1 }, () => first)))).toBe(
      "too-many-entries",
    );
    expect(problemOf(writeAgileLog(BANKS, smallBoot()).subarray(0, -1))).toBe("truncated");
    expect(problemOf(writeAgileLog([SHA1_BANK, SHA1_BANK], []))).toBe("inconsistent");
    expect(problemOf(writeAgileLog([{ algorithm: 4, bytes: 0 }], []))).toBe("inconsistent");
    expect(problemOf(writeAgileLog(BANKS, [{ ...first, register: 32 }]))).toBe("inconsistent");
  });

  it("ends where a table of the firmware is filled up", () => {
    const log = writeAgileLog(BANKS, smallBoot());
    for (const filler of [0, 0xff]) {
      expect(parsed(joined(log, new Uint8Array(500).fill(filler))).events).toHaveLength(
        smallBoot().length + 1,
      );
    }
    expect(problemOf(joined(log, new Uint8Array(5), Uint8Array.of(1)))).toBe("truncated");
  });

  it("keeps a note in a register that does not exist, as Windows writes one", () => {
    const note = { register: 0xffffffff, type: EV.NO_ACTION, data: ascii("x") };
    expect(parsed(writeAgileLog(BANKS, [note])).events).toHaveLength(2);
  });
});

describe("replay", () => {
  it("equals a second implementation for random logs", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const log = parsed(writeAgileLog(BANKS, events));
        for (const bank of ["sha1", "sha256"] as const)
          expect(replayed(log, bank)).toEqual(naivePcrs(events, bank));
      }),
    );
  });

  it("starts PCR 0 from the locality that the log states, and only PCR 0", () => {
    const data = joined(ascii("StartupLocality\0"), Uint8Array.of(3));
    const events = smallBoot();
    const without = replayed(parsed(writeAgileLog(BANKS, events)), "sha256");
    const log = parsed(writeAgileLog(BANKS, [{ register: 0, type: EV.NO_ACTION, data }, ...events]));
    const start = `${"00".repeat(31)}03`;
    const digest = createHash("sha256")
      .update(events[0]?.data ?? "")
      .digest("hex");
    expect(log.startupLocality).toBe(3);
    expect(replayed(log, "sha256")).toEqual({
      ...without,
      0: createHash("sha256")
        .update(Buffer.from(start + digest, "hex"))
        .digest("hex"),
    });
  });

  it("says which banks it cannot compute", () => {
    const log = parsed(writeAgileLog([SHA256_BANK, { algorithm: 0x99, bytes: 7 }], [separator(7)]));
    expect(replayEventLog(log, nodeHash).map(({ name, registers }) => [name, registers !== null])).toEqual([
      ["sha256", true],
      ["alg_0x99", false],
    ]);
  });
});
