/**
 * What a baseline version may say: reading it from a document that nobody vouches for.
 *
 * Pure. Every refusal has a name, a place and a sentence; a content that was read is in its one
 * canonical form, so that equal expectations have equal digests.
 */
import { type BaselineContent, STRICT, TOLERANCE_EFFECTS, type Tolerance } from "./baseline.ts";
import { LAYERS, type Layer } from "./layers.ts";

/** The `format` of our own documents. */
export const CONTENT_FORMAT = "touchstone.baseline/1";

export const CONTENT_LIMITS = {
  entries: 50_000,
  valuesPerEntry: 64,
  pathChars: 1_024,
  valueChars: 8_192,
  scopes: 200,
  patterns: 500,
  patternChars: 512,
  /** Of all paths and values together. */
  totalChars: 6_000_000,
} as const;

/** What can be wrong with a content. */
export type ContentFault =
  | "not-an-object"
  | "unknown-format"
  | "unknown-member"
  | "bad-list"
  | "too-many"
  | "too-large"
  | "path-invalid"
  | "path-reserved"
  | "value-not-text"
  | "value-invalid"
  | "no-values"
  | "pattern-invalid"
  | "tolerance-invalid"
  | "expects-nothing";

/** `pointer` is an RFC 6901 pointer into the document. */
export type ContentProblem = { fault: ContentFault; pointer: string; detail: string };

export type ReadContent =
  | { ok: true; content: BaselineContent }
  | { ok: false; problems: readonly ContentProblem[] };

/** Says what is wrong with a pattern; `null` when it is fine. Given by the caller: RE2 is a package. */
export type PatternCheck = (pattern: string) => string | null;

/** Most problems that are told at once; the rest shows when these are mended. */
const MAX_PROBLEMS = 20;
/** Names that code treats as something other than a key of a map. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const CONTROL = /\p{Cc}/u;
const MEMBERS: ReadonlySet<string> = new Set(["format", "scope", "entries", "ignore", "tolerances"]);

type Members = Readonly<Record<string, unknown>>;

/** Read our own document, as it came out of JSON or YAML. */
export function readContent(document: unknown, checkPattern: PatternCheck): ReadContent {
  const found = new Findings();
  if (!isMembers(document)) {
    found.add("not-an-object", "", "A baseline is an object with entries.");
    return found.result();
  }
  if (document.format !== undefined && document.format !== CONTENT_FORMAT) {
    found.add("unknown-format", "/format", `Only ${CONTENT_FORMAT} is known.`);
  }
  for (const name of Object.keys(document)) {
    if (!MEMBERS.has(name))
      found.add("unknown-member", `/${pointerPart(name)}`, "A baseline has no such member.");
  }
  const scope = texts(found, document.scope, "/scope", CONTENT_LIMITS.scopes);
  for (const [index, prefix] of scope.entries()) {
    if (prefix !== "") requirePath(found, prefix, `/scope/${index}`);
  }
  const ignore = texts(found, document.ignore, "/ignore", CONTENT_LIMITS.patterns);
  for (const [index, pattern] of ignore.entries()) {
    const detail =
      pattern === "" || pattern.length > CONTENT_LIMITS.patternChars
        ? `A pattern has 1 to ${CONTENT_LIMITS.patternChars} characters.`
        : checkPattern(pattern);
    if (detail !== null) found.add("pattern-invalid", `/ignore/${index}`, detail);
  }
  const entries = readEntries(found, document.entries);
  const tolerances = readTolerances(found, document.tolerances);
  if (found.isEmpty && entries.size === 0 && scope.length === 0) {
    found.add("expects-nothing", "/entries", "It has neither an entry nor a scope: everything would match.");
  }
  return found.result({
    scope: distinct(scope),
    entries: Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1))),
    ignore: distinct(ignore),
    tolerances,
  });
}

/** Collects problems up to the number that is told. */
class Findings {
  readonly #problems: ContentProblem[] = [];

  add(fault: ContentFault, pointer: string, detail: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ fault, pointer, detail });
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  result(content?: BaselineContent): ReadContent {
    if (this.isEmpty && content) return { ok: true, content };
    return { ok: false, problems: this.#problems };
  }
}

function readEntries(found: Findings, value: unknown): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  if (value === undefined) return entries;
  if (!isMembers(value)) {
    found.add("not-an-object", "/entries", "Entries are an object from path to accepted values.");
    return entries;
  }
  const paths = Object.keys(value);
  if (paths.length > CONTENT_LIMITS.entries) {
    found.add("too-many", "/entries", `At most ${CONTENT_LIMITS.entries} entries are accepted.`);
    return entries;
  }
  let chars = 0;
  for (const path of paths) {
    const pointer = `/entries/${pointerPart(path)}`;
    requirePath(found, path, pointer);
    const values = readValues(found, value[path], pointer);
    entries.set(path, distinct(values));
    chars += values.reduce((sum, text) => sum + text.length, path.length);
  }
  if (chars > CONTENT_LIMITS.totalChars) {
    found.add(
      "too-large",
      "/entries",
      `Paths and values have ${CONTENT_LIMITS.totalChars} characters at most.`,
    );
  }
  return entries;
}

function readValues(found: Findings, value: unknown, pointer: string): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) found.add("no-values", pointer, "An entry needs an accepted value.");
  if (list.length > CONTENT_LIMITS.valuesPerEntry) {
    found.add("too-many", pointer, `An entry has ${CONTENT_LIMITS.valuesPerEntry} values at most.`);
    return [];
  }
  return list.flatMap((text) => {
    if (typeof text !== "string") {
      found.add("value-not-text", pointer, "A value is a text. Put numbers and truth values in quotes.");
      return [];
    }
    if (text.length > CONTENT_LIMITS.valueChars || text.includes("\u0000") || !text.isWellFormed()) {
      const detail = `A value is well-formed text of ${CONTENT_LIMITS.valueChars} characters at most.`;
      found.add("value-invalid", pointer, detail);
      return [];
    }
    return [text];
  });
}

function requirePath(found: Findings, path: string, pointer: string): void {
  if (RESERVED.has(path)) {
    found.add("path-reserved", pointer, "This name cannot be the path of a measurement.");
  } else if (
    path === "" ||
    path.length > CONTENT_LIMITS.pathChars ||
    CONTROL.test(path) ||
    !path.isWellFormed()
  ) {
    const detail = `A path has 1 to ${CONTENT_LIMITS.pathChars} characters and no control characters.`;
    found.add("path-invalid", pointer, detail);
  }
}

function readTolerances(found: Findings, value: unknown): Partial<Record<Layer, Tolerance>> {
  const tolerances: Partial<Record<Layer, Tolerance>> = {};
  if (value === undefined) return tolerances;
  if (!isMembers(value)) {
    found.add("not-an-object", "/tolerances", "Tolerances are an object from layer to tolerance.");
    return tolerances;
  }
  for (const [name, stated] of Object.entries(value)) {
    const pointer = `/tolerances/${pointerPart(name)}`;
    const layer = LAYERS.find((known) => known === name);
    if (!layer) {
      found.add("tolerance-invalid", pointer, `There is no such layer. Use ${LAYERS.join(", ")}.`);
    } else {
      const tolerance = readTolerance(found, stated, pointer);
      if (tolerance) tolerances[layer] = tolerance;
    }
  }
  return tolerances;
}

const CHOICES = {
  unexplained: TOLERANCE_EFFECTS,
  added: ["drift", "tolerated"],
  removed: ["drift", "tolerated"],
  values: ["exact", "newer"],
} as const satisfies { [M in keyof Tolerance]: readonly Tolerance[M][] };

function readTolerance(found: Findings, value: unknown, pointer: string): Tolerance | null {
  if (!isMembers(value)) {
    found.add(
      "tolerance-invalid",
      pointer,
      `A tolerance has the members ${Object.keys(CHOICES).join(", ")}.`,
    );
    return null;
  }
  let isGood = true;
  for (const [name, stated] of Object.entries(value)) {
    const choices: readonly unknown[] = Object.hasOwn(CHOICES, name) ? CHOICES[name as keyof Tolerance] : [];
    if (choices.includes(stated)) continue;
    isGood = false;
    const detail = choices.length === 0 ? "A tolerance has no such member." : `Use ${choices.join(" or ")}.`;
    found.add("tolerance-invalid", `${pointer}/${pointerPart(name)}`, detail);
  }
  return isGood ? { ...STRICT, ...value } : null;
}

function texts(found: Findings, value: unknown, pointer: string, max: number): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((text) => typeof text === "string" && text.isWellFormed())) {
    found.add("bad-list", pointer, "This is a list of texts.");
    return [];
  }
  if (value.length > max) {
    found.add("too-many", pointer, `At most ${max} are accepted.`);
    return [];
  }
  return value;
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
/** A member name as a part of a pointer; a long one is cut. */
export const pointerPart = (name: string): string =>
  name.slice(0, 200).replaceAll("~", "~0").replaceAll("/", "~1");

/** Our own document of a content; {@link readContent} gives the same content back. */
export function contentDocument(content: BaselineContent): Record<string, unknown> {
  return { format: CONTENT_FORMAT, ...content };
}
