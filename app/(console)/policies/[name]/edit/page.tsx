import { PolicyEditPage } from "#components/policies/policy-edit";
import { type PolicyPageProps, policyOfPage, versionOf } from "../policy-of-page.ts";

export default async function EditPolicyPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const { version } = await searchParams;
  return <PolicyEditPage name={name} version={versionOf(version)} />;
}
