/**
 * A5: whatever bytes arrive, every reader answers with facts or a registered refusal, and never throws.
 *
 * Each case is one body handed to one source (or the CloudEvents reader, the guarded JSON reader, the
 * readers of event logs, the node query). What is accepted must be storable: no NUL, no lone surrogate, a
 * time that a database holds.
 *
 * Planted bug: nothing notices lone surrogates.
 */
import fc from "fast-check";
import { describeEvent } from "#lib/domain/measured-boot/describe";
import { parseEventLog } from "#lib/domain/measured-boot/event-log";
import { explainDifference } from "#lib/domain/measured-boot/explain";
import { parseImaLog } from "#lib/domain/measured-boot/ima-log";
import { replayImaLog } from "#lib/domain/measured-boot/ima-replay";
import { LOG_PROBLEMS, type LogProblem } from "#lib/domain/measured-boot/log-problem";
import { replayEventLog } from "#lib/domain/measured-boot/replay";
import { parseNodeQuery } from "#lib/domain/node-query";
import { lineOf } from "#lib/domain/oscal/param";
import { OscalError } from "#lib/domain/oscal/place";
import { readOscal } from "#lib/domain/oscal/read";
import { PROBLEMS } from "#lib/domain/problems";
import { type Interpretation, REJECTION_CATEGORIES } from "#lib/sources/contract";
import { SOURCES } from "#lib/sources/registry";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import {
  BANKS,
  imaLine,
  nodeHash as logHash,
  smallBoot,
  writeAgileLog,
  writeSha1Log,
} from "#tests/event-log-writer";
import { catalogueDocument } from "#tests/oscal-documents";
import { readSourceCase, sourceCaseNames } from "#tests/source-cases";
import { contextOf, messageOf } from "#tests/source-testing";
import { plantSurrogates } from "./planted/surrogates.ts";
import type { Proof } from "./proof.ts";

const CASES = { short: 20_000, full: 1_000_000 };

const MEDIA_TYPES = [
  "application/json",
  "application/x-ndjson",
  "application/eat+jwt",
  "application/jose",
  "",
];

type Reader = { name: string; samples: Uint8Array[]; read: (body: Uint8Array) => Promise<void> | void };

export const parsersNeverThrow: Proof = async ({ short, planted, seed, log }) => {
  const unplant = planted ? plantSurrogates() : () => {};
  const readers = allReaders();
  const each = Math.ceil((short ? CASES.short : CASES.full) / readers.length);
  let cases = 0;
  let failed = 0;
  try {
    for (const [index, reader] of readers.entries()) {
      const property = fc.asyncProperty(bodies(reader.samples), async (body) => {
        cases += 1;
        await reader.read(body);
      });
      const details = await fc.check(property, { seed: seed + index, numRuns: each, endOnFailure: true });
      if (details.failed) {
        failed += 1;
        const [body] = details.counterexample ?? [];
        log(`${reader.name}: ${String(details.errorInstance).slice(0, 300)} for ${preview(body)}`);
      } else log(`${reader.name}: ${each} bodies`);
    }
  } finally {
    unplant();
  }
  return { cases, failed };
};

function preview(body: Uint8Array | undefined): string {
  return body ? JSON.stringify(Buffer.from(body).toString("latin1").slice(0, 120)) : "nothing";
}

function allReaders(): Reader[] {
  const sources = SOURCES.map((source): Reader => {
    const named = sourceCaseNames(source.kind).map((name) => readSourceCase(source.kind, name));
    const [first] = named;
    let turn = 0;
    return {
      name: source.kind,
      samples: named.map(({ message }) => new Uint8Array(message.body)),
      async read(body) {
        turn += 1;
        const mediaType = MEDIA_TYPES[turn % MEDIA_TYPES.length] ?? "";
        const context = turn % 3 === 0 && first ? first.context : contextOf({ backfill: turn % 2 === 0 });
        check(await source.interpret(messageOf(body, { mediaType }), context), source.unsignedAllowed);
      },
    };
  });
  return [
    ...sources,
    {
      name: "JSON",
      samples: sources.flatMap(({ samples }) => samples.filter(([first]) => first === 0x7b)),
      read: readJson,
    },
    {
      name: "event logs",
      samples: [
        writeAgileLog(BANKS, smallBoot()),
        writeSha1Log(smallBoot()),
        new TextEncoder().encode([imaLine("boot_aggregate", ""), imaLine("/a b", "1", "ima-sig")].join("\n")),
      ],
      read: readLog,
    },
    {
      name: "OSCAL",
      samples: [oscalSample()],
      read: readFramework,
    },
    {
      name: "node query",
      samples: [new TextEncoder().encode("status:failed,stale source:lab a b")],
      read: readQuery,
    },
  ];
}

function oscalSample(): Uint8Array {
  const part = { name: "statement", id: "a-1_smt", prose: "Do {{ insert: param, p }}." };
  const control = { id: "a-1", title: "One", params: [{ id: "p", values: ["it"] }], parts: [part] };
  const document = catalogueDocument({ groups: [{ title: "Group", controls: [control] }] });
  return new TextEncoder().encode(JSON.stringify(document));
}

/** Catalogues: read whole, or refused with a place. */
function readFramework(body: Uint8Array): void {
  try {
    for (const control of readOscal(parseJson(body), null).controls) lineOf(control);
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof OscalError)) throw error;
  }
}

/** Logs of boots and files: read, replayed and described, or refused by name. */
function readLog(body: Uint8Array): void {
  const boot = parseEventLog(body);
  if (boot.ok) {
    replayEventLog(boot.log, logHash);
    for (const event of boot.log.events) storable(describeEvent(event));
    explainDifference(boot.log, boot.log);
  } else namedProblem(boot.problem);
  const ima = parseImaLog(new TextDecoder().decode(body));
  if (ima.ok) replayImaLog(ima.log, logHash);
  else namedProblem(ima.problem);
}

function namedProblem({ code, detail }: LogProblem): void {
  if (!Object.hasOwn(LOG_PROBLEMS, code)) throw new Error(`log problem ${code}`);
  if (detail.length === 0 || detail.length > 500) throw new Error(`a detail of ${detail.length} characters`);
}

function readJson(body: Uint8Array): void {
  try {
    storable(parseJson(body));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
}

function readQuery(body: Uint8Array): void {
  parseNodeQuery(Buffer.from(body).toString("utf8").slice(0, 500));
}

function check({ items, rejections }: Interpretation, unsignedAllowed: boolean): void {
  for (const { category, code, detail, raw } of rejections) {
    if (!REJECTION_CATEGORIES.includes(category)) throw new Error(`category ${category}`);
    if (!Object.hasOwn(PROBLEMS, code)) throw new Error(`code ${code}`);
    if (detail.length === 0 || detail.length > 500)
      throw new Error(`a detail of ${detail.length} characters`);
    if (!(raw instanceof Uint8Array)) throw new Error("refused without its bytes");
  }
  for (const item of items) {
    if (!unsignedAllowed && item.signature.status !== "verified")
      throw new Error("believed without a signature");
    const { kind } = item;
    storable(kind === "verdict" ? item.verdict : item.event);
    const atMs = kind === "verdict" ? item.verdict.observedAtMs : item.event.occurredAtMs;
    if (!Number.isSafeInteger(atMs) || Number.isNaN(new Date(atMs).getTime()))
      throw new Error(`the time ${atMs}`);
  }
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** @throws when a text in the value could not be stored */
function storable(value: unknown): void {
  if (typeof value === "string") {
    if (value.includes("\0")) throw new Error("a NUL was accepted");
    if (LONE_SURROGATE.test(value)) throw new Error("a lone surrogate was accepted");
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      storable(name);
      storable(member);
    }
  }
}

/** Texts that careless readers choke on, as they stand inside JSON. */
const NASTY = [
  "\\u0000",
  "\\ud800",
  "\\udc00\\ud800",
  "\\u202e",
  "1e400",
  "1e-400",
  "9007199254740993",
  "[[[[",
  '"a":',
  "\\",
  "\0",
];

/** A place in a body. Not `fc.double`, which draws evenly among the doubles, most of which are next to zero. */
const share = fc.nat(999_999).map((millionths) => millionths / 1_000_000);
const encode = (text: string) => new TextEncoder().encode(text);

function exchanged(body: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const changed = Uint8Array.from(body);
  for (const [at, byte] of changes) changed[Math.floor(at * body.byteLength)] = byte;
  return changed;
}

function withInserted(body: Uint8Array, at: number, text: string): Uint8Array {
  const place = Math.floor(at * body.byteLength);
  return Uint8Array.from([...body.subarray(0, place), ...encode(text), ...body.subarray(place)]);
}

/** Random bytes, random JSON, and samples with bytes exchanged, cut, or with something nasty put in. */
function bodies(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const sample = fc.constantFrom(...samples);
  const changes = fc.array(fc.tuple(share, fc.nat(255)), { minLength: 1, maxLength: 6 });
  const nasty = fc.constantFrom(...NASTY);
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(sample, share, nasty).map(([body, at, text]) => withInserted(body, at, text)),
    },
    { weight: 3, arbitrary: fc.tuple(sample, changes).map(([body, list]) => exchanged(body, list)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(sample, share)
        .map(([body, at]) => body.subarray(0, Math.floor(at * body.byteLength))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(sample, changes, share, nasty)
        .map(([body, list, at, text]) => withInserted(exchanged(body, list), at, text)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map(encode) },
    {
      weight: 1,
      arbitrary: fc
        .string({ unit: "binary", maxLength: 60 })
        .map((text) => encode(JSON.stringify({ schema: text, type: text }))),
    },
  );
}
