import { PolicyVersionsPage } from "#components/policies/policy-versions";
import { type PolicyPageProps, policyOfPage, versionOf } from "../policy-of-page.ts";

export default async function VersionsOfPolicyPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const { a, b } = await searchParams;
  return <PolicyVersionsPage name={name} a={versionOf(a)} b={versionOf(b)} />;
}
