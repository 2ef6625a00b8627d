/** What was typed and not saved, for as long as the tab is open: going back, or a shortcut, must not lose it. */

const PREFIX = "touchstone.policy-text.";

/** @returns `null` = nothing is kept */
export function keptText(name: string): string | null {
  try {
    return sessionStorage.getItem(PREFIX + name);
  } catch {
    return null; // Storage is shut off: the guard of the page has to do.
  }
}

/** @param text `null` = nothing is left to keep */
export function keepText(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, text);
  } catch {
    // As above.
  }
}
