/**
 * JSON from strangers, read defensively.
 *
 * `JSON.parse` alone accepts a million levels of nesting, keeps the last of two equal keys, rounds
 * large integers and lets through texts that a database refuses. A linear scan over the text rules
 * all of that out first, so that everything behind it can rely on the result.
 */

import { parseIfPlain } from "./json-fast.ts";

/** Deepest nesting of objects and arrays. */
export const MAX_DEPTH = 32;
/** Most strings in one document, keys included, unless the caller says otherwise. */
export const MAX_STRINGS = 20_000;
/** Longest number, in characters. */
const MAX_NUMBER_CHARS = 32;
/** Longest integer that `integers: "text"` keeps: an X.509 serial number has at most 49 digits. */
const MAX_TEXT_INTEGER_CHARS = 64;

/** Why a document was refused. The message names what and where; it never quotes the document. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

export type JsonOptions = {
  /**
   * What happens to an integer that a double cannot hold exactly: `refuse` the document (default),
   * or hand its digits over as a string (`text`).
   */
  integers?: "refuse" | "text";
  /** Most strings, keys included; {@link MAX_STRINGS} unless a batch of documents needs more. */
  maxStrings?: number;
};

/**
 * Parse one JSON document (RFC 8259, restricted to the interoperable part of RFC 7493).
 *
 * @param input bytes are decoded as UTF-8 without replacement characters
 * @throws {JsonError} for everything that is not accepted; never anything else
 */
export function parseJson(input: Uint8Array | string, options: JsonOptions = {}): unknown {
  if (typeof input !== "string") {
    const { maxStrings = MAX_STRINGS } = options;
    const limits = { maxDepth: MAX_DEPTH, maxStrings, maxNumberChars: MAX_NUMBER_CHARS };
    const value = parseIfPlain(input, limits);
    if (value !== undefined) return value;
  }
  return parseScanned(input, options);
}

/** {@link parseJson} by the full scan alone: the judge of everything that is not plain. */
export function parseScanned(input: Uint8Array | string, options: JsonOptions = {}): unknown {
  const text = typeof input === "string" ? input : decodeUtf8(input);
  if (!text.isWellFormed()) throw new JsonError("the text holds a lone surrogate");
  const inexact = new Scanner(text, options).scan();
  return JSON.parse(inexact.length === 0 ? text : quoteSpans(text, inexact));
}

/** @throws {JsonError} when the bytes are not valid UTF-8 */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError("the bytes are not valid UTF-8");
  }
}

type Span = readonly [start: number, end: number];

function quoteSpans(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(from, start), '"', text.slice(start, end), '"');
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

type Expect = "value" | "value or end" | "key" | "key or end" | "after value";

/** One pass, one explicit stack: hostile nesting costs a comparison, not a call. */
class Scanner {
  readonly #text: string;
  readonly #integers: "refuse" | "text";
  readonly #maxStrings: number;
  readonly #inexact: Span[] = [];
  /** Keys seen in each open object; `null` for an open array. */
  readonly #open: (Set<string> | null)[] = [];
  #at = 0;
  #strings = 0;

  constructor(text: string, { integers = "refuse", maxStrings = MAX_STRINGS }: JsonOptions) {
    this.#text = text;
    this.#integers = integers;
    this.#maxStrings = maxStrings;
  }

  /** @returns the numbers that are to be kept as text, in document order */
  scan(): readonly Span[] {
    let expect: Expect = "value";
    for (;;) {
      this.#skipSpace();
      switch (expect) {
        case "value or end":
          expect = this.#take("]") ? this.#close() : "value";
          break;
        case "key or end":
          expect = this.#take("}") ? this.#close() : "key";
          break;
        case "key":
          this.#key();
          expect = "value";
          break;
        case "value":
          expect = this.#value();
          break;
        case "after value": {
          const object = this.#open.at(-1);
          if (object === undefined) {
            if (this.#at < this.#text.length) throw this.#error("there is text after the document");
            return this.#inexact;
          }
          if (this.#take(",")) expect = object === null ? "value" : "key";
          else if (this.#take(object === null ? "]" : "}")) expect = this.#close();
          else throw this.#error("a comma or a closing bracket is missing");
        }
      }
    }
  }

  #value(): Expect {
    if (this.#take("{")) return this.#nest(new Set(), "key or end");
    if (this.#take("[")) return this.#nest(null, "value or end");
    if (this.#text[this.#at] === '"') this.#string();
    else if (!this.#literal()) this.#number();
    return "after value";
  }

  #nest(keys: Set<string> | null, expect: Expect): Expect {
    if (this.#open.length >= MAX_DEPTH) throw this.#error(`the nesting is deeper than ${MAX_DEPTH}`);
    this.#open.push(keys);
    return expect;
  }

  #close(): Expect {
    this.#open.pop();
    return "after value";
  }

  #key(): void {
    if (this.#text[this.#at] !== '"') throw this.#error("a key is missing");
    const key = this.#string();
    if (key === "__proto__") throw this.#error("a key is named __proto__");
    const keys = this.#open.at(-1);
    if (keys?.has(key)) throw this.#error("a key occurs twice in one object");
    keys?.add(key);
    this.#skipSpace();
    if (!this.#take(":")) throw this.#error("a colon is missing");
  }

  /** Reads a string and returns what it stands for. */
  #string(): string {
    this.#strings += 1;
    if (this.#strings > this.#maxStrings) {
      throw this.#error(`there are more than ${this.#maxStrings} strings`);
    }
    const start = this.#at;
    let escaped = false;
    this.#at += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw this.#error("a string does not end");
      if (code < 0x20) throw this.#error("a string holds a bare control character");
      this.#at += 1;
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        if (this.#match(ESCAPE) === null) throw this.#error("a string holds an unknown escape");
      }
    }
    if (!escaped) return this.#text.slice(start + 1, this.#at - 1);
    const value: string = JSON.parse(this.#text.slice(start, this.#at));
    if (value.includes("\0")) throw this.#error("a string holds a NUL character");
    if (!value.isWellFormed()) throw this.#error("a string holds a lone surrogate");
    return value;
  }

  #literal(): boolean {
    return this.#match(LITERAL) !== null;
  }

  #number(): void {
    const start = this.#at;
    const match = this.#match(NUMBER);
    if (match === null) throw this.#error("a value is missing");
    const [text, fraction, exponent] = match;
    const digitsOnly = fraction === undefined && exponent === undefined;
    const keepText = this.#integers === "text" && digitsOnly;
    if (text.length > (keepText ? MAX_TEXT_INTEGER_CHARS : MAX_NUMBER_CHARS)) {
      throw this.#error("a number is too long");
    }
    const value = Number(text);
    if (!Number.isFinite(value)) throw this.#error("a number is too large");
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return;
    if (this.#integers === "refuse") throw this.#error("an integer is too large to be kept exactly");
    this.#inexact.push([start, this.#at]);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #error(what: string): JsonError {
    return new JsonError(`${what} (at character ${this.#at})`);
  }
}
