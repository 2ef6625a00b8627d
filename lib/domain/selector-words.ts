/** Selectors in words, as far as they have the usual form. Pure. */

const EQUALS = /^node\.labels(?:\.([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]{1,100})"\])\s*==\s*"([^"\\]{1,200})"$/;
const HAS = /^"([^"\\]{1,100})"\s+in\s+node\.labels$/;
const NAMED = /^node\.name\.startsWith\("([^"\\]{1,200})"\)$/;

/**
 * Which nodes a selector means.
 *
 * Conditions on labels and names that are joined by `&&` are told in words; anything else is quoted as it is.
 */
export function selectorWords(selector: string): string {
  const text = selector.trim();
  if (text === "") return "All nodes";
  const parts = text.split(/\s*&&\s*/).map(conditionWords);
  if (parts.every((part) => part !== null)) return `Nodes with ${parts.join(" and ")}`;
  return `Nodes for which ${text}`;
}

function conditionWords(condition: string): string | null {
  const equals = EQUALS.exec(condition);
  if (equals) return `${equals[1] ?? equals[2]} ${equals[3]}`;
  const has = HAS.exec(condition);
  if (has) return `a label ${has[1]}`;
  const named = NAMED.exec(condition);
  return named ? `a name that begins with ${named[1]}` : null;
}

/** The selector of nodes whose label has a value; both may be any text. */
export function labelSelector(name: string, value: string): string {
  const quote = JSON.stringify;
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return `node.labels${isPlain ? `.${name}` : `[${quote(name)}]`} == ${quote(value)}`;
}
