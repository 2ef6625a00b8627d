/** Parameters of controls, and texts that insert them. Pure. */
import type { OscalControl, OscalParam } from "./catalogue.ts";
import { idOf, itemsOf, memberOf, needed, OscalError, optionalText, type Place, textOf } from "./place.ts";
import type { Tally } from "./tally.ts";

const LABEL_CHARS = 500;
const VALUE_CHARS = 2_000;
const VALUES = 50;
/** Parameters of one control, those that others insert included. */
const OF_ONE_CONTROL = 200;
/** How deep a parameter may insert another one before its id stands for it. */
const DEPTH = 4;
/** Longest text that insertions may make, in characters. */
const RENDERED_CHARS = 40_000;

const INSERTION = /\{\{\s{0,4}insert:\s{0,4}param,\s{0,4}([^\s{},]{1,100})\s{0,4}\}\}/gu;

const READ = ["id", "label", "values", "select", "class", "usage", "constraints", "guidelines", "remarks"];

/** @throws {OscalError} */
export function readParam(at: Place, idName: "id" | "param-id", tally: Tally): OscalParam {
  tally.others(at, [...READ, idName]);
  const select = memberOf(at, "select");
  const howMany = select && optionalText(select, "how-many", LABEL_CHARS);
  return {
    id: idOf(needed(at, idName)),
    label: optionalText(at, "label", LABEL_CHARS),
    values: itemsOf(at, "values", VALUES).map((value) => textOf(value, VALUE_CHARS)),
    choices: select ? itemsOf(select, "choice", VALUES).map((choice) => textOf(choice, VALUE_CHARS)) : [],
    several: howMany === "one-or-more",
  };
}

/** Ids of the parameters that a text inserts. */
function insertedBy(text: string): string[] {
  return [...text.matchAll(INSERTION)].flatMap(([, id]) => id ?? []);
}

/**
 * The parameters that the texts of a control need.
 *
 * @param path of the control, for a refusal
 * @throws {OscalError} when they are too many
 */
export function paramsFor(
  texts: readonly string[],
  known: ReadonlyMap<string, OscalParam>,
  path: string,
): OscalParam[] {
  const found = new Map<string, OscalParam>();
  const open = texts.flatMap(insertedBy);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const param = known.get(id);
    if (!param || found.has(id)) continue;
    if (found.size >= OF_ONE_CONTROL) {
      throw new OscalError(path, `Its texts insert more than ${OF_ONE_CONTROL} parameters.`);
    }
    found.set(id, param);
    open.push(...[...param.values, ...param.choices, param.label ?? ""].flatMap(insertedBy));
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A text as people read it: what is inserted is its value, else what it is to be, in brackets. */
export function renderText(text: string, params: readonly OscalParam[]): string {
  const byId = new Map(params.map((param) => [param.id, param]));
  let left = RENDERED_CHARS;
  const render = (part: string, depth: number): string => {
    const rendered = part.replaceAll(INSERTION, (_, id: string) => {
      const param = byId.get(id);
      if (!param || depth >= DEPTH || left <= 0) return `[${id}]`;
      return render(wordsOf(param), depth + 1);
    });
    left -= rendered.length;
    return rendered;
  };
  const whole = render(text, 0);
  return whole.length > RENDERED_CHARS ? `${whole.slice(0, RENDERED_CHARS - 1)}…` : whole;
}

function wordsOf({ id, label, values, choices, several }: OscalParam): string {
  if (values.length > 0) return values.join(", ");
  if (choices.length > 0) return `[${several ? "one or more of" : "one of"}: ${choices.join("; ")}]`;
  return `[${label ?? id}]`;
}

/** The title of a control as lists show it, its label before it where that says more than the id. */
export function lineOf({ id, label, title, params }: OscalControl): string {
  const said = renderText(title, params);
  return label === null || label.toLowerCase() === id.toLowerCase() ? said : `${label} ${said}`;
}
