/** What becomes of controls when a framework is imported again. Pure. */
import type { OscalControl } from "./catalogue.ts";
import { lineOf, renderText } from "./param.ts";

export type ControlChanges = {
  /** Ids, in the order of the new version. */
  added: readonly string[];
  /** Those of which title, statement or parent say something else. */
  changed: readonly string[];
  /** In the order of the old version. */
  gone: readonly string[];
};

export function compareControls(
  before: readonly OscalControl[],
  after: readonly OscalControl[],
): ControlChanges {
  const old = new Map(before.map((control) => [control.id, control]));
  const kept = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    changed: after
      .filter((control) => {
        const was = old.get(control.id);
        return was !== undefined && saidBy(was) !== saidBy(control);
      })
      .map(({ id }) => id),
    gone: before.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
  };
}

function saidBy(control: OscalControl): string {
  return JSON.stringify([lineOf(control), renderText(control.statement, control.params), control.parent]);
}
