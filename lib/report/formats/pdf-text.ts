/** Text for paper: what the fonts can show, everything else as its number, and what fits into a column. */
import { type Face, faceOf } from "./pdf-fonts.ts";

export type Style = "body" | "bold";
/** What is written in one font. */
export type Run = { face: Face; text: string };
/** A sign, or the number that stands for it. `width` = in the size 1. */
type Unit = Run & { width: number };

const LONGEST = 4_000;

/** Letters, digits, punctuation and symbols. Marks lie over the sign before them, and could strike it out. */
const VISIBLE = /^[ \p{L}\p{N}\p{P}\p{S}]$/u;
/** Shown as nothing: they are ignored, fill, or are braille without dots. */
const EMPTY = /^[\p{Default_Ignorable_Code_Point}\u2800]$/u;
/** Read from right to left: they would change the order in which what is beside them is read. */
const RIGHT_TO_LEFT = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]$/u;

function makeUnit(style: Style, sign: string): Unit {
  const code = sign.codePointAt(0) ?? 0;
  const isReadable = VISIBLE.test(sign) && !EMPTY.test(sign) && !RIGHT_TO_LEFT.test(sign);
  const faces = isReadable ? ([style, "other"] as const) : [];
  const name = faces.find((one) => faceOf(one).has(code));
  if (name !== undefined) return { face: faceOf(name), text: sign, width: faceOf(name).widthOf(code) };
  const face = faceOf(style);
  const text = `\\u{${code.toString(16)}}`;
  return {
    face,
    text,
    width: [...text].reduce((sum, one) => sum + face.widthOf(one.codePointAt(0) ?? 0), 0),
  };
}

/** By sign: looking takes longer than remembering. */
const known: Readonly<Record<Style, Map<string, Unit>>> = { body: new Map(), bold: new Map() };
/** More than a report has, unless somebody wants to fill our memory. */
const REMEMBERED = 20_000;

function unitOf(style: Style, sign: string): Unit {
  const before = known[style].get(sign);
  if (before) return before;
  const unit = makeUnit(style, sign);
  if (known[style].size < REMEMBERED) known[style].set(sign, unit);
  return unit;
}

function* unitsOf(style: Style, text: string): Generator<Unit, undefined> {
  let length = 0;
  for (const sign of text.toWellFormed()) {
    if (length > LONGEST) {
      yield unitOf(style, "…");
      return;
    }
    const unit = unitOf(style, sign);
    length += unit.text.length;
    yield unit;
  }
}

function joined(units: Iterable<Unit>): Run[] {
  const runs: Run[] = [];
  for (const { face, text } of units) {
    const last = runs.at(-1);
    if (last?.face === face) last.text += text;
    else runs.push({ face, text });
  }
  return runs;
}

/** A text as it is written, font by font. Empty = there is nothing to write. */
export const runsOf = (style: Style, text: string): Run[] => joined(unitsOf(style, text));

/** The same where no font is: in what a file says of itself. */
export const printable = (text: string): string =>
  runsOf("body", text)
    .map((run) => run.text)
    .join("");

/** What of a text fits into a width, in points; what does not is left out from its end, and … says so. */
export function cutTo(style: Style, size: number, text: string, width: number): Run[] {
  const mark = unitOf(style, "…");
  const most = width / size;
  let [fits, taken, seen] = [0, 0, 0];
  for (const unit of unitsOf(style, text)) {
    taken += unit.width;
    if (taken > most) return joined([...unitsOf(style, text).take(fits), mark]);
    seen += 1;
    if (taken + mark.width <= most) fits = seen;
  }
  return runsOf(style, text);
}

/** In points. */
export const widthOf = ({ face, text }: Run, size: number): number =>
  [...text].reduce((sum, sign) => sum + face.widthOf(sign.codePointAt(0) ?? 0), 0) * size;
