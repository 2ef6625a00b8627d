/** What every source folder promises, run over the registry. */
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROBLEMS } from "#lib/domain/problems";
import {
  type Interpretation,
  type InterpretContext,
  REJECTION_CATEGORIES,
  type Source,
} from "#lib/sources/contract";
import { SOURCES, sourceByKind } from "#lib/sources/registry";
import { readSourceCase, sourceCaseNames } from "#tests/source-cases";
import { comparable, contextOf, messageOf } from "#tests/source-testing";

const MAX_BODY_BYTES = 4_194_304;

function expectRegistered({ rejections }: Interpretation): void {
  for (const { category, code, detail, raw } of rejections) {
    expect(REJECTION_CATEGORIES).toContain(category);
    expect(Object.keys(PROBLEMS)).toContain(code);
    expect(detail.length).toBeGreaterThan(0);
    expect(detail.length).toBeLessThanOrEqual(500);
    expect(raw).toBeInstanceOf(Uint8Array);
  }
}

/** Interpret a body that must be refused, in whole or line by line. */
async function refuse(source: Source, body: Uint8Array | string, context: InterpretContext = contextOf()) {
  const result = await source.interpret(messageOf(body), context);
  expect(result.items).toEqual([]);
  expect(result.rejections.length).toBeGreaterThan(0);
  expectRegistered(result);
  return result;
}

/** Where the signed part begins: a JWS's or an envelope's payload, or the text of a webhook. */
function startOfSignedBytes(source: Source, text: string): number {
  if (source.signedHeaders) return 0;
  const found = /eyJ[\w-]*\.|"payload":"|"revocation/.exec(text);
  if (found === null) throw new Error("the sample's signed bytes are not found");
  return found.index + found[0].length;
}

describe("registry", () => {
  it("gives every kind one folder, one line and one guide page", () => {
    const kinds = SOURCES.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const source of SOURCES) {
      expect(source.kind).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(sourceByKind(source.kind)).toBe(source);
      // A CloudEvent carries no headers, so what is signed in them comes by delivery only.
      expect(source.eventTypes.length > 0).toBe(source.signedHeaders === undefined);
      for (const name of source.signedHeaders ?? []) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      const page = new URL(`../../docs/guide/${source.guide}.md`, import.meta.url);
      expect(existsSync(page), page.pathname).toBe(true);
    }
    expect(sourceByKind("unheard-of")).toBeUndefined();
    expect(sourceByKind("constructor")).toBeUndefined();
  });
});

describe.each(SOURCES.map((source) => [source.kind, source] as const))("%s", (kind, source) => {
  const names = sourceCaseNames(kind);

  it("has samples, and one of them is accepted", async () => {
    const results = await Promise.all(
      names.map((name) => {
        const { message, context } = readSourceCase(kind, name);
        return source.interpret(message, context);
      }),
    );
    expect(results.some(({ items }) => items.length > 0)).toBe(true);
  });

  it.each(names)("reads the sample %s as expected, every time", async (name) => {
    const { message, context, expected } = readSourceCase(kind, name);
    const result = await source.interpret(message, context);
    expect(comparable(result)).toEqual(expected);
    expect(comparable(await source.interpret(message, context))).toEqual(expected);
    expectRegistered(result);
    for (const item of result.items) {
      if (!source.unsignedAllowed) expect(item.signature.status).toBe("verified");
    }
  });

  it.each(names)("does not throw for the sample %s cut short or with bytes exchanged", async (name) => {
    const { message, context } = readSourceCase(kind, name);
    const length = message.body.byteLength;
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.nat(length - 1), fc.nat(255), async (cut, at, byte) => {
        const changed = Uint8Array.from(message.body);
        changed[at] = byte;
        for (const body of [message.body.subarray(0, cut), changed, changed.subarray(0, cut)]) {
          expectRegistered(await source.interpret({ ...message, body }, context));
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(names)("refuses the signed sample %s after any change to its bytes", async (name) => {
    const { message, context } = readSourceCase(kind, name);
    const before = await source.interpret(message, context);
    if (!before.items.some(({ signature }) => signature.status === "verified")) return;
    const text = new TextDecoder().decode(message.body);
    const start = startOfSignedBytes(source, text);
    for (let at = start; at < start + 8; at += 1) {
      const body = Uint8Array.from(message.body);
      body[at] = body[at] === 0x41 ? 0x42 : 0x41;
      await refuse(source, body, context);
    }
  });

  it.each([
    ["nothing", ""],
    ["a duplicate key", '{"type":"audit","type":"audit"}'],
    ["deep nesting", "[".repeat(200_000)],
    ["deep objects", '{"a":'.repeat(10_000)],
    ["a NUL", '{"type":"audit","method":"\\u0000"}'],
    ["a raw NUL", "\0"],
    ["a lone surrogate", '{"schema":"\\ud800"}'],
    ["a prototype key", '{"__proto__":{"schema":"touchstone.verdict/1"}}'],
    ["an infinite number", '{"msg":1e400}'],
    ["text after the document", '{"msg":"{}","signature":""} x'],
  ])("refuses %s", async (_, body) => {
    await refuse(source, body);
  });

  it("refuses what is too large, by its own code", async () => {
    const { rejections } = await refuse(source, new Uint8Array(MAX_BODY_BYTES + 1).fill(0x20));
    expect(rejections[0]?.code).toBe("event/too-large");
  });

  it("never throws for random bytes and random JSON", async () => {
    const json = fc.json({ maxDepth: 3 }).map((text) => new TextEncoder().encode(text));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), json), async (body) => {
        const result = await source.interpret(messageOf(body), contextOf());
        expect(result.items).toEqual([]);
        expectRegistered(result);
      }),
      { numRuns: 200 },
    );
  });
});
