import { PolicyImpactPage } from "#components/policies/policy-impact";
import { type PolicyPageProps, policyOfPage, versionOf } from "../policy-of-page.ts";

export default async function ImpactOfPolicyPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const { version } = await searchParams;
  return <PolicyImpactPage name={name} version={versionOf(version)} />;
}
