import { PolicyRulesPage } from "#components/policies/policy-rules";
import { type PolicyPageProps, policyOfPage } from "./policy-of-page.ts";

export default async function PolicyPage({ params }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  return <PolicyRulesPage name={name} />;
}
