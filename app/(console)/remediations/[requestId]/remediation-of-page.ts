import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { remediationGet } from "#lib/services/remediation/get";

/** The request of this page, read once; away to "not found" when there is none to see. */
export const remediationOfPage = cache(async (requestId: string): Promise<RemediationDetail> => {
  const ctx = await requirePageContext("remediation:read");
  if (!z.uuid().safeParse(requestId).success) notFound();
  try {
    return await remediationGet(ctx, { requestId });
  } catch (error) {
    if (error instanceof ProblemError && error.code === "remediation/not-found") notFound();
    throw error;
  }
});
