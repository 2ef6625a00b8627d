/** The guards of imported frameworks. */
import { type Guard, gone, guard } from "./guard.ts";

const READER = "lib/domain/oscal/oscal.test.ts";
const SERVICE = "lib/services/own-framework/own-framework.db.test.ts";

export const FRAMEWORK_GUARDS: readonly Guard[] = [
  guard(
    "a control stands in a document once",
    "lib/domain/oscal/read-catalogue.ts",
    "if (ids.has(id))",
    gone,
    READER,
  ),
  guard(
    "a document has few controls, however they are spread",
    "lib/domain/oscal/read-catalogue.ts",
    "if (ids.size >= CONTROLS_MAX)",
    gone,
    READER,
  ),
  guard(
    "a document is nested a few times",
    "lib/domain/oscal/read-catalogue.ts",
    "if (around.depth >= DEPTH)",
    gone,
    READER,
  ),
  guard(
    "a profile is not read in part",
    "lib/domain/oscal/read-profile.ts",
    "if (pattern) throw",
    "if (false as boolean) throw",
    READER,
  ),
  guard(
    "a profile never takes what it excludes",
    "lib/domain/oscal/resolve-profile.ts",
    ".filter((id) => !left.has(id))",
    "",
    READER,
  ),
  guard(
    "what a profile names is in its catalogue",
    "lib/domain/oscal/resolve-profile.ts",
    "if (!known.has(id) && !gone.has(id))",
    gone,
    READER,
  ),
  guard(
    "an import is what its preview showed",
    "lib/services/own-framework/import.ts",
    "if ((newest?.version ?? 0) !== expected)",
    gone,
    SERVICE,
  ),
  guard(
    "nothing new is done with a retired framework",
    "lib/services/compliance/framework-of.ts",
    "if (retiredAt) throw",
    "if (false as boolean) throw",
    SERVICE,
  ),
  guard(
    "a mapping is of a control of the document",
    "lib/services/own-framework/map-control.ts",
    "!newest || !(await frameworkHasControl(tx, newest, control))",
    "!newest",
    SERVICE,
  ),
  guard(
    "a version counts from its time on",
    "lib/domain/measure/own-framework.ts",
    "validFromMs <= atMs && ",
    "",
    SERVICE,
  ),
  guard(
    "a report proves what controls are mapped to",
    "lib/report-pack/verify-figures.ts",
    "if (control.own && !mappedAsSaid(control))",
    gone,
    "lib/report-pack/verify-own.test.ts",
  ),
];
