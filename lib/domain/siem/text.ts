/** Text that names of machines and people went into, made fit for lines. */

/** Control characters, and the separators that some readers end a line at. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** One line of well-formed text: runs of control characters become one space. */
export function oneLine(text: string): string {
  return wellFormed(text).replace(CONTROL, " ");
}

/** The text with halves of surrogate pairs, which no encoding knows, replaced. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
