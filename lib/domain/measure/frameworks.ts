/** The frameworks that the product knows, in the order of the picker. */
import type { Control, Framework } from "./control.ts";
import { FEDRAMP_KSI } from "./framework-fedramp-ksi.ts";
import { ISO_27001 } from "./framework-iso-27001.ts";
import { NIST_800_53 } from "./framework-nist-800-53.ts";
import { OTHER_FRAMEWORKS } from "./framework-others.ts";

/** Version of the mappings; it changes when any of them does. */
export const MAPPING_VERSION = "2";

export const FRAMEWORKS: readonly Framework[] = [NIST_800_53, FEDRAMP_KSI, ISO_27001, ...OTHER_FRAMEWORKS];

export function frameworkById(id: string): Framework | undefined {
  return FRAMEWORKS.find((framework) => framework.id === id);
}

export function controlById(framework: Framework, id: string): Control | undefined {
  return framework.controls.find((control) => control.id === id);
}
