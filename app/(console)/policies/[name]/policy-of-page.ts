import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import type { PolicyView } from "#lib/contracts/policy";
import { PolicyParams } from "#lib/contracts/policy";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { policyGet } from "#lib/services/policy/list";

/** The policy of this request, read once; away to "not found" when there is none to see. */
export const policyOfPage = cache(async (name: string): Promise<PolicyView> => {
  const ctx = await requirePageContext("policy:read");
  const params = PolicyParams.safeParse({ name });
  if (!params.success) notFound();
  try {
    return await policyGet(ctx, params.data);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "policy/not-found") notFound();
    throw error;
  }
});

/** A page of a policy, as the framework hands it over. */
export type PolicyPageProps = {
  params: Promise<{ name: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** A version in the address; `null` when there is none. */
export function versionOf(value: string | string[] | undefined): number | null {
  return typeof value === "string" && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : null;
}
