/** What is read of an OSCAL catalogue. Pure. */

/** A parameter that texts of controls insert. */
export type OscalParam = {
  id: string;
  /** What is shown while no value is set. */
  label: string | null;
  values: readonly string[];
  /** What the values may be chosen from; empty = anything. */
  choices: readonly string[];
  /** Whether several of the choices may be taken. */
  several: boolean;
};

export type OscalControl = {
  /** As the document has it, such as `si-7.9`. */
  id: string;
  /** As people write it, such as `SI-7(9)`; `null` = the document does not say. */
  label: string | null;
  /** With the insertions of parameters that the document has; see `renderText`. */
  title: string;
  /** What is asked for, one line per part; empty = the document does not say. With insertions. */
  statement: string;
  /** Id of the part that the statement is; `null` = there is none with an id. */
  statementId: string | null;
  /** Control that it enhances; `null` = it stands by itself. */
  parent: string | null;
  /** Titles of the groups that it stands in, the outermost first, joined by " / ". */
  group: string | null;
  /** Those that its texts insert, and those that they insert in turn. */
  params: readonly OscalParam[];
};

/** Which document it is, as it says itself. */
export type OscalDocument = {
  uuid: string;
  title: string;
  version: string;
  oscalVersion: string;
};

/** A kind of content that was passed over: where, without the numbers of lists, and how often. */
export type NotRead = { what: string; count: number };

export type OscalCatalogue = {
  kind: "catalog" | "profile";
  document: OscalDocument;
  /** In the order of the document; a control stands before its enhancements. */
  controls: readonly OscalControl[];
  /** Ids that the document withdrew: they ask for nothing and are left out. */
  withdrawn: readonly string[];
  notRead: readonly NotRead[];
};

/** Most controls of a catalogue. */
export const CONTROLS_MAX = 5_000;
