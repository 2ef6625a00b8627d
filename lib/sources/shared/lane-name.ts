/** Names of submodules, as senders give them. */
import { Refusal } from "./refusal.ts";
import { isIdentityText } from "./text.ts";

const MAX_CHARS = 128;

/** @throws {Refusal} when the name is empty, longer than 128 characters or holds control characters */
export function laneName(name: string): string {
  if (name.length > MAX_CHARS || !isIdentityText(name)) {
    throw new Refusal("claims", "a submodule's name is empty, too long or holds control characters");
  }
  return name;
}
