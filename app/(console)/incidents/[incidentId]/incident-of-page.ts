import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import type { IncidentView } from "#lib/contracts/incident";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { incidentGet } from "#lib/services/incident/get";

/** The incident of this page, read once; away to "not found" when there is none to see. */
export const incidentOfPage = cache(async (incidentId: string): Promise<IncidentView> => {
  const ctx = await requirePageContext("fleet:read");
  if (!z.uuid().safeParse(incidentId).success) notFound();
  try {
    return await incidentGet(ctx, { incidentId });
  } catch (error) {
    if (error instanceof ProblemError && error.code === "incident/not-found") notFound();
    throw error;
  }
});
