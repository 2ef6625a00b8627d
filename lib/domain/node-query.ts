/** The search language of the node list, the same in the address bar, the UI and the API. */
import { LIFECYCLE_STATES, type LifecycleState } from "./lifecycle-table.ts";
import { TRUST_STATUSES, type TrustStatus } from "./trust-status.ts";

export type NodeQuery = {
  /** All must match: the name or any identity contains it, whatever its case. */
  words: readonly string[];
  /** `null` = any. */
  statuses: readonly TrustStatus[] | null;
  /** Life cycle states; `null` = any. */
  lifecycle: readonly LifecycleState[] | null;
  /** Names of sources, any of which has evidence about the node; `null` = any or none. */
  sources: readonly string[] | null;
  /** `reduced` = passes although its verifier checks less than before, `full` = does not; `null` = any. */
  coverage: "reduced" | "full" | null;
  /** All must match: the node has the label, with this value unless it is `null`. Absent = any. */
  labels?: readonly { name: string; value: string | null }[];
};

export type ParsedNodeQuery = { ok: true; query: NodeQuery } | { ok: false; detail: string };

const LIFECYCLE_NAMES = Object.keys(LIFECYCLE_STATES) as LifecycleState[];

/** A key has three letters or more, so that a MAC address is a word; `spiffe://…` is one, too. */
const KEY = /^([a-z]{3,}):(?!\/\/)/i;

/**
 * Read a query: words, `"quoted words"`, `status:failed,stale`, `lifecycle:enrolling`, `source:"Build farm"`,
 * `coverage:reduced` and `label:role=gpu`.
 *
 * Total: whatever was typed gives a query or one sentence that says what is wrong. A filter given
 * twice is the union of both; of labels the node must have all.
 */
export function parseNodeQuery(text: string): ParsedNodeQuery {
  const words: string[] = [];
  const statuses = new Set<TrustStatus>();
  const lifecycle = new Set<LifecycleState>();
  const sources = new Set<string>();
  const coverage = new Set<"reduced" | "full">();
  const labels: { name: string; value: string | null }[] = [];
  for (const token of tokensOf(text)) {
    const key = token.quoted ? null : (KEY.exec(token.text)?.[1]?.toLowerCase() ?? null);
    if (key === null) {
      if (token.text !== "") words.push(token.text);
      continue;
    }
    const values = token.values.filter((value) => value !== "");
    if (
      key !== "status" &&
      key !== "lifecycle" &&
      key !== "source" &&
      key !== "coverage" &&
      key !== "label"
    ) {
      return {
        ok: false,
        detail: `Unknown filter "${key}:". Use status:, lifecycle:, source:, coverage: or label:, or put the text in quotes.`,
      };
    }
    if (values.length === 0) return { ok: false, detail: `The filter "${key}:" needs a value.` };
    for (const value of values) {
      if (key === "source") {
        sources.add(value);
        continue;
      }
      if (key === "label") {
        const equals = value.indexOf("=");
        if (equals === 0) return { ok: false, detail: 'The filter "label:" needs a name before the "=".' };
        labels.push(
          equals === -1
            ? { name: value, value: null }
            : { name: value.slice(0, equals), value: value.slice(equals + 1) },
        );
        continue;
      }
      if (key === "coverage") {
        const word = value.toLowerCase();
        if (word !== "reduced" && word !== "full")
          return { ok: false, detail: `Unknown coverage "${value}". Use reduced or full.` };
        coverage.add(word);
        continue;
      }
      if (key === "lifecycle") {
        const state = LIFECYCLE_NAMES.find((known) => known === value.toLowerCase());
        if (!state)
          return {
            ok: false,
            detail: `Unknown life cycle state "${value}". Use ${LIFECYCLE_NAMES.join(", ")}.`,
          };
        lifecycle.add(state);
        continue;
      }
      const status = TRUST_STATUSES.find((known) => known === value.toLowerCase());
      if (!status)
        return { ok: false, detail: `Unknown status "${value}". Use ${TRUST_STATUSES.join(", ")}.` };
      statuses.add(status);
    }
  }
  return {
    ok: true,
    query: {
      words,
      statuses: statuses.size > 0 ? [...statuses] : null,
      lifecycle: lifecycle.size > 0 ? [...lifecycle] : null,
      sources: sources.size > 0 ? [...sources] : null,
      // Both together leave nobody out.
      coverage: coverage.size === 1 ? ([...coverage][0] ?? null) : null,
      ...(labels.length > 0 ? { labels } : {}),
    },
  };
}

type Token = {
  text: string;
  /** Begins with a quote, so it is a word and never a filter. */
  quoted: boolean;
  /** What follows the key, split at commas outside quotes. */
  values: string[];
};

/** Split at white space outside quotes. An unclosed quote ends with the text. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let current: Token | null = null;
  let value = "";
  let inQuotes = false;
  const finish = () => {
    if (current) tokens.push({ ...current, values: [...current.values, value] });
    current = null;
    value = "";
  };
  for (const character of text) {
    if (!inQuotes && /\s/.test(character)) {
      finish();
      continue;
    }
    current ??= { text: "", quoted: character === '"', values: [] };
    if (character === '"') {
      inQuotes = !inQuotes;
      continue;
    }
    const keyEnds =
      !inQuotes && character === ":" && current.values.length === 0 && KEY.test(`${current.text}:`);
    current.text += character;
    if (keyEnds && current.text.indexOf(":") === current.text.length - 1) {
      value = "";
    } else if (!inQuotes && character === ",") {
      current.values.push(value);
      value = "";
    } else {
      value += character;
    }
  }
  finish();
  return tokens;
}
