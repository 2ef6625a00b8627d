/** Every kind of source there is. A new one is one folder and one line here. */
import type { Source } from "./contract.ts";
import { earSource } from "./ear/index.ts";
import { genericSource } from "./generic/index.ts";
import { keylimeSource } from "./keylime/index.ts";
import { spireSource } from "./spire/index.ts";

export const SOURCES: readonly Source[] = [earSource, genericSource, keylimeSource, spireSource];

/** The source folder for a stored kind; `undefined` for a kind that this version does not know. */
export function sourceByKind(kind: string): Source | undefined {
  return SOURCES.find((source) => source.kind === kind);
}
