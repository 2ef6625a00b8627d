/** Walking through a document of a stranger: every value knows where it stands. Pure. */

/** A value of a document, and the JSON pointer (RFC 6901) that leads to it. */
export type Place = { value: unknown; path: string };

/** Why a document is not taken. It names where and what, and quotes nothing but ids and numbers. */
export class OscalError extends Error {
  override readonly name = "OscalError";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

const TOKEN = /^[\p{L}_][\p{L}\p{N}._-]*$/u;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Longest id, in characters: as long as a control may be anywhere in the product. */
const ID_CHARS = 100;

/** The names of an object's members. @throws {OscalError} */
export function namesOf(at: Place): string[] {
  return Object.keys(objectAt(at));
}

/** A member; `null` = it is absent. @throws {OscalError} when the place is no object */
export function memberOf(at: Place, name: string): Place | null {
  const object = objectAt(at);
  // What every object has, such as `constructor`, is no member of the document.
  return Object.hasOwn(object, name) && object[name] !== undefined
    ? { value: object[name], path: `${at.path}/${name}` }
    : null;
}

function objectAt({ value, path }: Place): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OscalError(path, "An object is expected here.");
  }
  return value as Readonly<Record<string, unknown>>;
}

/** A member that must be there. @throws {OscalError} */
export function needed(at: Place, name: string): Place {
  const found = memberOf(at, name);
  if (!found) throw new OscalError(`${at.path}/${name}`, "It is missing.");
  return found;
}

/** What a list holds; an absent one holds nothing. @throws {OscalError} for anything else, and for too many */
export function itemsOf(at: Place, name: string, most: number): Place[] {
  const list = memberOf(at, name);
  if (!list) return [];
  if (!Array.isArray(list.value)) throw new OscalError(list.path, "A list is expected here.");
  if (list.value.length > most) throw new OscalError(list.path, `At most ${most} are read here.`);
  return list.value.map((value: unknown, n) => ({ value, path: `${list.path}/${n}` }));
}

/** A text without edges of space. @throws {OscalError} when it is none, empty, or longer than `most` characters */
export function textOf({ value, path }: Place, most: number): string {
  if (typeof value !== "string") throw new OscalError(path, "A text is expected here.");
  const text = value.trim();
  if (text === "") throw new OscalError(path, "It is empty.");
  if (text.length > most) throw new OscalError(path, `It has more than ${most} characters.`);
  return text;
}

/** A text that may be absent: then `null`. */
export function optionalText(at: Place, name: string, most: number): string | null {
  const found = memberOf(at, name);
  return found && textOf(found, most);
}

/** An id as OSCAL has them. @throws {OscalError} */
export function idOf(at: Place): string {
  const id = textOf(at, ID_CHARS);
  if (!TOKEN.test(id))
    throw new OscalError(at.path, "It is no id: a letter, then letters, digits, . _ and -.");
  return id;
}

/** @throws {OscalError} */
export function uuidAt(at: Place): string {
  const id = textOf(at, ID_CHARS);
  if (!UUID.test(id)) throw new OscalError(at.path, "It is no UUID.");
  return id.toLowerCase();
}
