/** What may be asked of the drift inbox: tabs, orders and the text of the search. Pure. */
import { DRIFT_CLASSES, type DriftClass } from "./drift.ts";
import { LAYERS, type Layer } from "./layers.ts";

export const DRIFT_TABS = [
  "undecided",
  "regressed",
  "remediating",
  "accepted",
  "ignored",
  "snoozed",
  "over",
] as const;
/** Every group stands in exactly one. */
export type DriftTab = (typeof DRIFT_TABS)[number];

export const DRIFT_SORTS = ["priority", "newest", "spread"] as const;
export type DriftSort = (typeof DRIFT_SORTS)[number];

/** Empty lists = any. */
export type DriftQuery = { text: string; layers: readonly Layer[]; classes: readonly DriftClass[] };

export type ParsedDriftQuery = { ok: true; query: DriftQuery } | { ok: false; detail: string };

/**
 * Read a search: free words, and `layer:` and `class:` with one or more names, as in `kernel layer:boot,kernel`.
 *
 * A name that does not exist is refused, so that a slip of the pen is not taken for "nothing found".
 */
export function parseDriftQuery(text: string): ParsedDriftQuery {
  const words: string[] = [];
  const layers: Layer[] = [];
  const classes: DriftClass[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const [name = "", list = ""] = word.split(/:(.*)/s);
    if (name !== "layer" && name !== "class") {
      words.push(word);
      continue;
    }
    for (const value of list.split(",")) {
      const layer = LAYERS.find((one) => one === value);
      const driftClass = DRIFT_CLASSES.find((one) => one === value);
      if (name === "layer" && layer) layers.push(layer);
      else if (name === "class" && driftClass) classes.push(driftClass);
      else {
        const known = name === "layer" ? LAYERS : DRIFT_CLASSES;
        return { ok: false, detail: `There is no ${name} "${value}". Use ${known.join(", ")}.` };
      }
    }
  }
  return { ok: true, query: { text: words.join(" "), layers, classes } };
}
