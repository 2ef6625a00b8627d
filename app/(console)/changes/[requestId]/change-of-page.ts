import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import type { ChangeView } from "#lib/contracts/change-request";
import { ProblemError } from "#lib/domain/problems";
import { changeKinds } from "#lib/server/change-kinds";
import { requirePageContext } from "#lib/server/page-context";
import { changeGet } from "#lib/services/change-request/get";

/** The request of this page, read once; away to "not found" when there is none to see. */
export const changeOfPage = cache(async (requestId: string): Promise<ChangeView> => {
  const ctx = await requirePageContext("change:read");
  if (!z.uuid().safeParse(requestId).success) notFound();
  try {
    return await changeGet(ctx, { requestId }, changeKinds());
  } catch (error) {
    if (error instanceof ProblemError && error.code === "change/not-found") notFound();
    throw error;
  }
});
