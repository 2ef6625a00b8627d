/** Reading an OSCAL profile: which controls of a catalogue it takes, and what it sets. Pure. */
import { CONTROLS_MAX, type NotRead, type OscalDocument, type OscalParam } from "./catalogue.ts";
import { readDocumentFacts } from "./document.ts";
import { readParam } from "./param.ts";
import { idOf, itemsOf, memberOf, needed, OscalError, optionalText, type Place, textOf } from "./place.ts";
import { makeTally, type Tally } from "./tally.ts";

const IMPORTS_MAX = 20;
const SELECTIONS_MAX = 5_000;
const SET_MAX = 20_000;
const HREF_CHARS = 2_000;
const TITLE_CHARS = 1_000;

/** Controls that are chosen by their ids. */
export type Selection = {
  ids: readonly { id: string; path: string }[];
  /** Whether what enhances them is chosen as well, at any depth. */
  children: boolean;
};

export type ProfileImport = {
  href: string;
  path: string;
  /** `null` = all of them. */
  include: readonly Selection[] | null;
  exclude: readonly Selection[];
};

export type OscalProfile = {
  document: OscalDocument;
  imports: readonly ProfileImport[];
  /** What is set of parameters; a member that says nothing leaves what the catalogue says. */
  settings: readonly OscalParam[];
  /** Titles and parameters that controls get. */
  alters: readonly { control: string; title: string | null; params: readonly OscalParam[]; path: string }[];
  notRead: readonly NotRead[];
};

/** @param root the value of `profile`. @throws {OscalError} */
export function readProfile(root: Place): OscalProfile {
  const tally = makeTally();
  tally.others(root, ["uuid", "metadata", "imports", "modify"]);
  const document = readDocumentFacts(root, tally);
  const imports = itemsOf(root, "imports", IMPORTS_MAX).map((at) => readImport(at, tally));
  const [first] = imports;
  if (!first) throw new OscalError(`${root.path}/imports`, "It imports nothing.");
  const stray = imports.find(({ href }) => href !== first.href);
  if (stray) {
    throw new OscalError(
      `${stray.path}/href`,
      "All imports must be of one catalogue; this one is of another.",
    );
  }
  const modify = memberOf(root, "modify");
  if (modify) tally.others(modify, ["set-parameters", "alters"]);
  const settings = modify
    ? itemsOf(modify, "set-parameters", SET_MAX).map((at) => readParam(at, "param-id", tally))
    : [];
  const alters = modify ? itemsOf(modify, "alters", CONTROLS_MAX).map((at) => readAlter(at, tally)) : [];
  return { document, imports, settings, alters, notRead: tally.all() };
}

function readImport(at: Place, tally: Tally): ProfileImport {
  tally.others(at, ["href", "include-all", "include-controls", "exclude-controls"]);
  const href = textOf(needed(at, "href"), HREF_CHARS);
  const all = memberOf(at, "include-all");
  const some = itemsOf(at, "include-controls", SELECTIONS_MAX);
  if ((all === null) === (some.length === 0)) {
    throw new OscalError(at.path, "It must have either include-all or include-controls.");
  }
  return {
    ...{ href, path: at.path },
    include: all ? null : some.map(readSelection),
    exclude: itemsOf(at, "exclude-controls", SELECTIONS_MAX).map(readSelection),
  };
}

function readSelection(at: Place): Selection {
  const pattern = memberOf(at, "matching");
  // To pass it over would choose other controls than the profile does.
  if (pattern) throw new OscalError(pattern.path, "Controls are read by their ids, not by patterns.");
  const children = optionalText(at, "with-child-controls", 10) ?? "no";
  if (children !== "yes" && children !== "no") {
    throw new OscalError(`${at.path}/with-child-controls`, "It must be yes or no.");
  }
  const ids = itemsOf(at, "with-ids", CONTROLS_MAX).map((place) => ({ id: idOf(place), path: place.path }));
  if (ids.length === 0) throw new OscalError(at.path, "It chooses nothing.");
  return { ids, children: children === "yes" };
}

function readAlter(at: Place, tally: Tally): OscalProfile["alters"][number] {
  tally.others(at, ["control-id", "adds"]);
  let title: string | null = null;
  const params: OscalParam[] = [];
  for (const add of itemsOf(at, "adds", 1_000)) {
    // What is added to a part inside the control is no title of the control.
    const whole = memberOf(add, "by-id") === null;
    tally.others(add, whole ? ["position", "title", "params"] : ["position", "by-id", "params"]);
    if (whole) title = optionalText(add, "title", TITLE_CHARS) ?? title;
    params.push(...itemsOf(add, "params", 1_000).map((param) => readParam(param, "id", tally)));
  }
  return { control: idOf(needed(at, "control-id")), title, params, path: at.path };
}
