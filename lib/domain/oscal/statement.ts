/** The statement of a control: what it asks for, in lines. Pure. */
import { idOf, itemsOf, memberOf, needed, OscalError, optionalText, type Place, textOf } from "./place.ts";
import type { Tally } from "./tally.ts";

const PROSE_CHARS = 20_000;
const STATEMENT_CHARS = 40_000;
const TITLE_CHARS = 1_000;
const LABEL_CHARS = 100;
const VALUE_CHARS = 2_000;
const PROPS_MAX = 500;
const PARTS_MAX = 500;
const DEPTH = 8;

/** The value of the first property of a name; `null` = there is none. @throws {OscalError} */
export function valueOfProp(at: Place, name: string): string | null {
  for (const prop of itemsOf(at, "props", PROPS_MAX)) {
    if (textOf(needed(prop, "name"), VALUE_CHARS) !== name) continue;
    return textOf(needed(prop, "value"), VALUE_CHARS);
  }
  return null;
}

/** How people write the id of a control or a part; `null` = as it is. */
export function labelOf(at: Place): string | null {
  const label = valueOfProp(at, "label");
  return label !== null && label.length <= LABEL_CHARS ? label : null;
}

/** The parts of a control that are its statement; what else it has to say is passed over. @throws {OscalError} */
export function readStatement(
  control: Place,
  tally: Tally,
): { statement: string; statementId: string | null } {
  const lines: string[] = [];
  let statementId: string | null = null;
  for (const part of itemsOf(control, "parts", PARTS_MAX)) {
    const name = textOf(needed(part, "name"), LABEL_CHARS);
    if (name !== "statement") {
      tally.passOver(part.path, name);
      continue;
    }
    const id = memberOf(part, "id");
    statementId ??= id && idOf(id);
    lines.push(...linesOf(part, 0));
  }
  const statement = lines.join("\n");
  if (statement.length > STATEMENT_CHARS) {
    throw new OscalError(
      `${control.path}/parts`,
      `The statement has more than ${STATEMENT_CHARS} characters.`,
    );
  }
  return { statement, statementId };
}

/** A part and what it is made of, each deeper one further in. */
function linesOf(part: Place, depth: number): string[] {
  if (depth > DEPTH) throw new OscalError(part.path, `It is nested more than ${DEPTH} deep.`);
  const said = [
    labelOf(part),
    optionalText(part, "title", TITLE_CHARS),
    optionalText(part, "prose", PROSE_CHARS),
  ].filter((text) => text !== null);
  const own = said.length === 0 ? [] : ["  ".repeat(Math.max(0, depth - 1)) + said.join(" ")];
  const inner = itemsOf(part, "parts", PARTS_MAX).flatMap((item) => linesOf(item, depth + 1));
  return [...own, ...inner];
}
