/** A profile together with the catalogue that it imports: the controls that it stands for. Pure. */
import type { NotRead, OscalCatalogue, OscalControl, OscalParam } from "./catalogue.ts";
import { paramsFor } from "./param.ts";
import { OscalError } from "./place.ts";
import type { OscalProfile, Selection } from "./read-profile.ts";

/**
 * Controls come in the order of the catalogue. One whose parent is not chosen stands by itself.
 *
 * @throws {OscalError} when it chooses a control that the catalogue does not have, or none
 */
export function resolveProfile(
  profile: OscalProfile,
  catalogue: Pick<OscalCatalogue, "controls" | "withdrawn">,
): OscalCatalogue {
  const chosen = new Set(profile.imports.flatMap((one) => [...chosenBy(one, catalogue)]));
  if (chosen.size === 0) throw new OscalError("/profile/imports", "It takes no control of the catalogue.");
  const passedOver: NotRead[] = [];
  const altered = altersOf(profile, chosen, passedOver);
  const used = new Set<string>();
  const parents = new Map(catalogue.controls.map(({ id, parent }) => [id, parent]));
  const controls = catalogue.controls
    .filter(({ id }) => chosen.has(id))
    .map((control) => {
      const alter = altered.get(control.id);
      const known = paramsWith([...control.params, ...(alter?.params ?? [])], profile.settings, used);
      const title = alter?.title ?? control.title;
      return {
        ...control,
        title,
        parent: nearestChosen(control, parents, chosen),
        params: paramsFor([title, control.statement], known, alter?.path ?? "/profile"),
      };
    });
  const idle = profile.settings.filter(({ id }) => !used.has(id)).length;
  if (idle > 0) {
    const what = "/profile/modify/set-parameters (inserted by no title or statement)";
    passedOver.push({ what, count: idle });
  }
  const notRead = [...profile.notRead, ...passedOver];
  return { kind: "profile", document: profile.document, controls, withdrawn: [], notRead };
}

function chosenBy(
  { include, exclude }: OscalProfile["imports"][number],
  catalogue: Pick<OscalCatalogue, "controls" | "withdrawn">,
): Set<string> {
  const children = childrenOf(catalogue.controls);
  const known = new Set(catalogue.controls.map(({ id }) => id));
  const gone = new Set(catalogue.withdrawn);
  const idsOf = (selections: readonly Selection[]): Set<string> => {
    const found = new Set<string>();
    const withChildren = new Set<string>();
    for (const selection of selections) {
      for (const { id, path } of selection.ids) {
        if (!known.has(id) && !gone.has(id))
          throw new OscalError(path, `The catalogue has no control ${id}.`);
        if (selection.children) addWith(withChildren, id, children);
        else if (known.has(id)) found.add(id);
      }
    }
    return new Set([...found, ...[...withChildren].filter((id) => known.has(id))]);
  };
  const taken = include === null ? known : idsOf(include);
  const left = idsOf(exclude);
  return new Set([...taken].filter((id) => !left.has(id)));
}

function childrenOf(controls: readonly OscalControl[]): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const { id, parent } of controls) {
    if (parent === null) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(id);
    else children.set(parent, [id]);
  }
  return children;
}

/** A control and what enhances it, each once however often it is chosen. */
function addWith(found: Set<string>, id: string, children: ReadonlyMap<string, readonly string[]>): void {
  if (found.has(id)) return;
  found.add(id);
  for (const child of children.get(id) ?? []) addWith(found, child, children);
}

function nearestChosen(
  { parent }: OscalControl,
  parents: ReadonlyMap<string, string | null>,
  chosen: ReadonlySet<string>,
): string | null {
  let at = parent;
  while (at !== null && !chosen.has(at)) at = parents.get(at) ?? null;
  return at;
}

type Alter = { title: string | null; params: readonly OscalParam[]; path: string };

function altersOf(
  { alters }: OscalProfile,
  chosen: ReadonlySet<string>,
  passedOver: NotRead[],
): Map<string, Alter> {
  const found = new Map<string, Alter>();
  for (const { control, title, params, path } of alters) {
    if (!chosen.has(control)) continue;
    const before = found.get(control);
    found.set(control, {
      title: title ?? before?.title ?? null,
      params: [...(before?.params ?? []), ...params],
      path,
    });
  }
  const idle = alters.filter(({ control }) => !chosen.has(control)).length;
  if (idle > 0)
    passedOver.push({ what: "/profile/modify/alters (of controls that it does not take)", count: idle });
  return found;
}

/** Later parameters replace earlier ones of the same id; what is set replaces the parts that it names. */
function paramsWith(
  params: readonly OscalParam[],
  settings: readonly OscalParam[],
  used: Set<string>,
): Map<string, OscalParam> {
  const known = new Map(params.map((param) => [param.id, param]));
  for (const { id, label, values, choices, several } of settings) {
    const param = known.get(id);
    if (!param) continue;
    used.add(id);
    const chooses = choices.length > 0;
    known.set(id, {
      id,
      label: label ?? param.label,
      values: values.length > 0 ? values : param.values,
      choices: chooses ? choices : param.choices,
      several: chooses ? several : param.several,
    });
  }
  return known;
}
