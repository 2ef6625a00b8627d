/** Measurements from the evidence that a verifier passes on: bounded in number and in length. */
import type { Measurements } from "#lib/domain/verdict";
import { escapeSegment } from "./pointer.ts";
import { scalarText, sha256Hex } from "./text.ts";

export const MAX_MEASUREMENTS = 200;
const MAX_VALUE_CHARS = 512;
const MAX_PATH_CHARS = 256;

/**
 * Gathers `path → value`. The first 200 count. A value that is too long is replaced by
 * `sha256:<hex>`, so that a difference stays visible; a path that is too long is left out.
 */
export class MeasurementSet {
  readonly #found = new Map<string, string>();

  get isFull(): boolean {
    return this.#found.size >= MAX_MEASUREMENTS;
  }

  has(path: string): boolean {
    return this.#found.has(path);
  }

  /** Adds a text, a number or a boolean; whatever else it is, it is no measurement. */
  add(path: string, value: unknown): void {
    if (this.isFull || path.length > MAX_PATH_CHARS) return;
    const text = scalarText(value);
    if (text === null) return;
    this.#found.set(path, text.length > MAX_VALUE_CHARS ? `sha256:${sha256Hex(text)}` : text);
  }

  all(): Measurements {
    return Object.fromEntries(this.#found);
  }
}

/** Values that differ in every appraisal by design. As measurements they would always be drift. */
const PER_APPRAISAL =
  /(^|[-_.])(nonce|challenge|boot-seed|report_?data|report_?id(_ma)?|user_data|held_data|runtime_data|runtime_data_claims|tee-pubkey)$/;

/** A PCR as the Azure vTPM verifiers name it: `tpm.pcr07`, or `pcr07` inside `tpm`. */
const VTPM_PCR = /(?:^|[/.])tpm[/.]pcr(\d{1,2})$/;

/** Arrays whose index is the register's number. */
const REGISTER_ARRAYS: ReadonlySet<string> = new Set(["cca-realm-extensible-measurements"]);

/**
 * Flatten annotated evidence into `path → value`.
 *
 * Only what has a key and a scalar value: an array position is no key, because it moves when an
 * entry is added before it. Arrays of components are keyed by their unique `measurement-type`
 * (PSA, CCA); register arrays by register number. Nonces and the like are left out.
 */
export function measurementsOf(evidence: Readonly<Record<string, unknown>>): Measurements {
  const found = new MeasurementSet();
  collect(evidence, "", found);
  return found.all();
}

// The recursion is bounded: accepted documents nest at most 32 deep.
function collect(value: unknown, path: string, found: MeasurementSet): void {
  if (found.isFull || value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const [name, entry] of keyedEntries(value, path))
      collect(entry, `${path}/${escapeSegment(name)}`, found);
  } else if (typeof value === "object") {
    for (const [name, entry] of Object.entries(value)) {
      if (PER_APPRAISAL.test(name)) continue;
      collect(entry, path === "" ? escapeSegment(name) : `${path}/${escapeSegment(name)}`, found);
    }
  } else {
    add(found, path, String(value));
  }
}

function add(found: MeasurementSet, path: string, value: string): void {
  const pcr = VTPM_PCR.exec(path);
  const canonical = pcr === null ? path : `pcr/sha256/${Number(pcr[1])}`;
  found.add(found.has(canonical) ? path : canonical, value);
}

/** The entries of an array under lasting names; none when it has no such names. */
function keyedEntries(entries: readonly unknown[], path: string): readonly (readonly [string, unknown])[] {
  if (REGISTER_ARRAYS.has(path.slice(path.lastIndexOf("/") + 1))) {
    return entries.map((entry, register) => [String(register), entry]);
  }
  const names = entries.map((entry) =>
    typeof entry === "object" && entry !== null && "measurement-type" in entry
      ? entry["measurement-type"]
      : null,
  );
  const unique = new Set(names).size === names.length && names.every((name) => typeof name === "string");
  return unique ? entries.map((entry, index) => [String(names[index]), entry]) : [];
}
