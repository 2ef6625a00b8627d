import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import type { BaselineView } from "#lib/contracts/baseline";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { getBaseline } from "#lib/services/baseline/get";

/** The baseline of this request, read once; away to "not found" when there is none to see. */
export const baselineOfPage = cache(async (baselineId: string): Promise<BaselineView> => {
  const ctx = await requirePageContext("baseline:read");
  if (!z.uuid().safeParse(baselineId).success) notFound();
  try {
    return await getBaseline(ctx, { baselineId });
  } catch (error) {
    if (error instanceof ProblemError && error.code === "baseline/not-found") notFound();
    throw error;
  }
});

/** A version in the address; `null` when there is none. */
export function versionOf(value: string | string[] | undefined): number | null {
  return typeof value === "string" && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : null;
}
