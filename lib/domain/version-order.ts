/**
 * Which of two version numbers is the older one.
 *
 * Versions of kernels, firmware and runtimes have no common grammar, so an answer is only given where it
 * is certain: between texts of the same shape, and where one goes on where the other ends.
 */

/** Longer texts are no version numbers. */
const MAX_CHARS = 128;
const DIGEST = /^(?:[a-z0-9]+:)?[0-9a-f]{32,}$/i;
const HEX_GROUPS = /^[0-9a-f]{2}(?:\.[0-9a-f]{2})+$/i;
const PARTS = /\d+|[a-z]+|[^a-z\d]+/gi;
const NUMBER = /^\d/;

/** Words that stand before the release that they name, oldest first. */
const BEFORE_RELEASE = ["dev", "alpha", "a", "beta", "b", "pre", "rc"];

/**
 * Order of two versions: negative when `a` is older, 0 when they are the same, `null` when it cannot be told.
 *
 * Between versions that differ only in their numbers it is a total order.
 */
export function compareVersions(a: string, b: string): number | null {
  if (a === b) return 0;
  if (!mayBeVersion(a) || !mayBeVersion(b)) return null;
  if (HEX_GROUPS.test(a) && HEX_GROUPS.test(b) && a.length === b.length)
    return sign(a.toLowerCase(), b.toLowerCase());
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareParts(left, right, index);
    if (order !== 0) return order;
  }
  // The same numbers, written with other leading zeros.
  return 0;
}

/** Whether a value may be a version number at all: short, with a digit, and no digest. */
function mayBeVersion(value: string): boolean {
  return value.length <= MAX_CHARS && /\d/.test(value) && !DIGEST.test(value);
}

function compareParts(left: readonly string[], right: readonly string[], index: number): number | null {
  const [a, b] = [left[index], right[index]];
  if (a === b) return 0;
  if (a === undefined) return ends(right, index);
  if (b === undefined) return invert(ends(left, index));
  if (NUMBER.test(a) && NUMBER.test(b)) return compareNumbers(a, b);
  const [x, y] = [rankOf(a), rankOf(b)];
  return x !== null && y !== null ? x - y : null;
}

/** How a version that ends here stands to one that goes on with these parts. */
function ends(rest: readonly string[], index: number): number | null {
  const word = rest.slice(index).find((part) => /^[a-z\d]/i.test(part));
  if (word === undefined) return null;
  return rankOf(word) === null ? -1 : 1;
}

const invert = (order: number | null): number | null => (order === null ? null : -order);

function rankOf(word: string): number | null {
  const rank = BEFORE_RELEASE.indexOf(word.toLowerCase());
  return rank === -1 ? null : rank;
}

/** Numbers of any length. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+(?=\d)/, ""), b.replace(/^0+(?=\d)/, "")];
  return x.length - y.length || sign(x, y);
}

const sign = (a: string, b: string): number => (a < b ? -1 : +(a > b));

function partsOf(version: string): string[] {
  return version.match(PARTS) ?? [];
}

/**
 * Whether a value is older than every accepted one. Also for lists of security version numbers such as
 * `bl=4 snp=22`: one that is lower makes the whole lower.
 */
export function isOlder(value: string, accepted: readonly string[]): boolean {
  return accepted.length > 0 && accepted.every((known) => olderThan(value, known));
}

/** Whether a value is at least as new as one of the accepted ones. */
export function isNotOlder(value: string, accepted: readonly string[]): boolean {
  return accepted.some((known) => {
    const levels = levelPairs(value, known);
    if (levels) return levels.every(([now, before]) => now >= before);
    const order = compareVersions(value, known);
    return order !== null && order >= 0;
  });
}

function olderThan(value: string, known: string): boolean {
  const levels = levelPairs(value, known);
  if (levels) return levels.some(([now, before]) => now < before);
  const order = compareVersions(value, known);
  return order !== null && order < 0;
}

const LEVELS = /^(?:[a-z][\w.-]*=\d{1,9}[ ,;]*)+$/i;

/** Levels of two lists under equal names; `null` unless both are lists of the same names. */
function levelPairs(a: string, b: string): [number, number][] | null {
  if (a.length > MAX_CHARS || b.length > MAX_CHARS || !LEVELS.test(a) || !LEVELS.test(b)) return null;
  const [left, right] = [levelsOf(a), levelsOf(b)];
  if (left.size !== right.size) return null;
  const pairs: [number, number][] = [];
  for (const [name, level] of left) {
    const other = right.get(name);
    if (other === undefined) return null;
    pairs.push([level, other]);
  }
  return pairs;
}

function levelsOf(list: string): Map<string, number> {
  return new Map(
    list.split(/[ ,;]+/).flatMap((level): [string, number][] => {
      const [name, number] = level.split("=");
      return name && number ? [[name.toLowerCase(), Number(number)]] : [];
    }),
  );
}
