import type { LabelPatch } from "#lib/domain/node-labels";
import { CommandError, plain } from "./output.ts";

/**
 * Labels as the command line has them: `role=gpu` sets one, `role-` takes it away.
 *
 * @throws {CommandError} for anything else, and for a name that is given twice
 */
export function readLabelArguments(labels: readonly string[]): LabelPatch {
  const patch = new Map<string, string | null>();
  for (const text of labels) {
    const equals = text.indexOf("=");
    const isGone = equals === -1 && text.endsWith("-");
    const name = isGone ? text.slice(0, -1) : text.slice(0, Math.max(equals, 0));
    if (name === "") throw new CommandError(`${plain(text)} is neither name=value nor name-`);
    if (patch.has(name)) throw new CommandError(`${plain(name)} is given twice`);
    patch.set(name, isGone ? null : text.slice(equals + 1));
  }
  return Object.fromEntries(patch);
}
