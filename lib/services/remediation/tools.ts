/** What the facility needs to know of recipes and connectors; the composition root gives it. */
import type { z } from "zod";
import type { Conn } from "#db/client";
import type { RemediationAction } from "#lib/domain/remediation";
import type { PlanCheck, PlanNode } from "#lib/domain/remediation-plan";

/** An ordered list of steps for one action; what a plan names and votes are bound to. */
export type PlannedRecipe = {
  name: string;
  version: number;
  /** What may be chosen; unknown members are refused. */
  params: z.ZodType<Record<string, unknown>>;
};

/** What the live targets would be asked. */
export type TargetQuestion = {
  trustDomainId: string;
  action: RemediationAction;
  recipe: string;
  params: Readonly<Record<string, unknown>>;
  nodes: readonly PlanNode[];
  /** Whether nothing may run on them; absent = it may. */
  idle?: boolean;
};

export type RemediationTools = {
  /**
   * @param name `undefined` = the usual one of the action
   * @returns `null` when this version knows none of that name for the action
   */
  recipe: (action: RemediationAction, name: string | undefined) => PlannedRecipe | null;
  /**
   * Ask the live targets, reading only; may take seconds. One check at least: where no connector is
   * responsible, that says so.
   */
  previewTargets: (conn: Conn, question: TargetQuestion) => Promise<PlanCheck[]>;
};
