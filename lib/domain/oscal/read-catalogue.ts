/** Reading an OSCAL catalogue. Pure. */
import { CONTROLS_MAX, type OscalCatalogue, type OscalControl, type OscalParam } from "./catalogue.ts";
import { readDocumentFacts } from "./document.ts";
import { paramsFor, readParam } from "./param.ts";
import { idOf, itemsOf, needed, OscalError, type Place, textOf } from "./place.ts";
import { labelOf, readStatement, valueOfProp } from "./statement.ts";
import { makeTally, type Tally } from "./tally.ts";

const TITLE_CHARS = 1_000;
/** Nesting of groups in groups, and of controls in controls. */
const DEPTH = 8;
const GROUPS_MAX = 1_000;
const PARAMS_MAX = 20_000;

type Reading = {
  tally: Tally;
  controls: (Omit<OscalControl, "params"> & { path: string })[];
  ids: Set<string>;
  withdrawn: string[];
  params: Map<string, OscalParam>;
};

type Around = { group: string | null; parent: string | null; depth: number };

/**
 * @param root the value of `catalog`, of a document that went through the scan for texts that no database takes
 * @throws {OscalError} for the first thing that is not as OSCAL has it, and for more than is read
 */
export function readCatalogue(root: Place): OscalCatalogue {
  const tally = makeTally();
  tally.others(root, ["uuid", "metadata", "groups", "controls", "params"]);
  const document = readDocumentFacts(root, tally);
  const reading: Reading = { tally, controls: [], ids: new Set(), withdrawn: [], params: new Map() };
  readInside(root, { group: null, parent: null, depth: 0 }, reading);
  if (reading.controls.length === 0) throw new OscalError(root.path, "It has no control.");
  const controls = reading.controls.map(({ path, ...control }): OscalControl => {
    return { ...control, params: paramsFor([control.title, control.statement], reading.params, path) };
  });
  return { kind: "catalog", document, controls, withdrawn: reading.withdrawn, notRead: tally.all() };
}

/** The parameters, groups and controls of a catalogue or of a group. */
function readInside(at: Place, around: Around, reading: Reading): void {
  readParams(at, reading);
  for (const group of itemsOf(at, "groups", GROUPS_MAX)) readGroup(group, deeper(around, group), reading);
  for (const control of itemsOf(at, "controls", CONTROLS_MAX)) {
    readControl(control, { ...around, parent: null, depth: 0 }, reading);
  }
}

function deeper(around: Around, { path }: Place): Around {
  if (around.depth >= DEPTH) throw new OscalError(path, `It is nested more than ${DEPTH} deep.`);
  return { ...around, depth: around.depth + 1 };
}

function readParams(at: Place, { params, tally }: Reading): void {
  for (const place of itemsOf(at, "params", PARAMS_MAX)) {
    const param = readParam(place, "id", tally);
    if (params.has(param.id)) throw new OscalError(place.path, `The parameter ${param.id} is given twice.`);
    params.set(param.id, param);
  }
}

function readGroup(at: Place, around: Around, reading: Reading): void {
  reading.tally.others(at, ["id", "class", "title", "params", "groups", "controls"]);
  const title = textOf(needed(at, "title"), TITLE_CHARS);
  const group = around.group === null ? title : `${around.group} / ${title}`;
  readInside(at, { ...around, group: group.slice(0, TITLE_CHARS) }, reading);
}

const READ = ["id", "class", "title", "params", "props", "parts", "controls"];

function readControl(at: Place, around: Around, reading: Reading): void {
  const { tally, ids, controls, withdrawn } = reading;
  tally.others(at, READ);
  const id = idOf(needed(at, "id"));
  if (ids.has(id)) throw new OscalError(`${at.path}/id`, `The control ${id} is given twice.`);
  if (ids.size >= CONTROLS_MAX) throw new OscalError(at.path, `At most ${CONTROLS_MAX} controls are read.`);
  ids.add(id);
  readParams(at, reading);
  const out = valueOfProp(at, "status")?.toLowerCase() === "withdrawn";
  if (out) withdrawn.push(id);
  else {
    const { group, parent } = around;
    const title = textOf(needed(at, "title"), TITLE_CHARS);
    const said = readStatement(at, tally);
    controls.push({ id, label: labelOf(at), title, ...said, parent, group, path: at.path });
  }
  for (const child of itemsOf(at, "controls", CONTROLS_MAX)) {
    readControl(child, { ...deeper(around, child), parent: out ? around.parent : id }, reading);
  }
}
