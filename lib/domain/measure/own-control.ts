/** What controls and frameworks have that were imported, and built-in ones do not. */

export const MAPPING_KINDS = ["measures", "manual", "not_applicable"] as const;
export type MappingKind = (typeof MAPPING_KINDS)[number];

/** What somebody mapped a control to. */
export type ControlMapping = {
  kind: MappingKind;
  /** What the measures say about the control; `null` where none does. */
  covers: string | null;
  /** Why it is for people or does not apply; `null` for measures. */
  reason: string | null;
  madeAt: string;
  /** Address of the account; `null` = it is gone. */
  madeBy: string | null;
};

/** What a control of an imported framework has that built-in ones do not. */
export type OwnControl = {
  /** Id of the document's statement; `null` = it has none. */
  statementId: string | null;
  /** `null` = nobody has mapped it. */
  mapping: ControlMapping | null;
};

/** Which document an imported framework is. */
export type FrameworkSource = {
  kind: "catalog" | "profile";
  /** The document's own. */
  uuid: string;
  oscalVersion: string;
  /** SHA-256 of the document as it was handed over, hex. */
  digest: string;
  /** How often it was imported until this version. */
  version: number;
};
