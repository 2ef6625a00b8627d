import { PolicyExceptionsPage } from "#components/policies/policy-exceptions";
import { type PolicyPageProps, policyOfPage } from "../policy-of-page.ts";

export default async function ExceptionsOfPolicyPage({ params }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  return <PolicyExceptionsPage name={name} />;
}
